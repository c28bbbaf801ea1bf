package apply

// Acts lists the acts for tests, in no order.
func Acts() []string {
	var list []string
	for _, a := range []act{enter, answer, stopSame, stopNone, submit, sendLink, withdraw, look, leave, approve, sendBack,
		reject} {
		list = append(list, string(a))
	}
	return list
}

// Next is next for tests.
func Next(at, stored State, a string, p Party) (State, bool) { return next(at, stored, act(a), p) }
