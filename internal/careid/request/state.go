package request

// State says what became of a request.
type State string

// The states of a request.
const (
	Waiting   State = "open"
	Completed State = "completed"
	Rejected  State = "rejected" // whoever asked can fix it and send it again
	Withdrawn State = "withdrawn"
	Ended     State = "ended" // by itself, as the Care Identity that it is about was closed
)

// act is something that moves a request from one state to another.
type act string

const (
	approve   act = "approve"
	reject    act = "reject"
	sendAgain act = "send-again"
	withdraw  act = "withdraw"
	end       act = "end"
)

// moves are all that can become of a request. Nothing else is possible.
var moves = map[State]map[act]State{
	Waiting:  {approve: Completed, reject: Rejected, withdraw: Withdrawn, end: Ended},
	Rejected: {sendAgain: Waiting, withdraw: Withdrawn, end: Ended},
}

// Over reports whether nothing can become of the request any more.
func (s State) Over() bool { return len(moves[s]) == 0 }

// Label names the state for people.
func (s State) Label() string {
	switch s {
	case Waiting:
		return "Open"
	case Completed:
		return "Completed"
	case Rejected:
		return "Rejected"
	case Withdrawn:
		return "Withdrawn"
	case Ended:
		return "Ended"
	}
	return string(s)
}
