package email

// AppendKey appends the key of an address, as Parse and Canonical make it, to dst. It reports false where Parse refuses
// the address, or where a person has to look at it. It is for lists of a million addresses: nearly all of them are
// plain, and those it neither copies nor parses.
func AppendKey(dst, typed []byte) (key []byte, automatic bool) {
	if isPlain(typed) {
		for _, c := range typed {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
		}
		return dst, true
	}
	a, err := Parse(string(typed))
	if err != nil {
		return dst, false
	}
	text, automatic := a.Canonical()
	if !automatic {
		return dst, false
	}
	return append(dst, text...), true
}

// isPlain reports whether an address has nothing but letters, digits and single dots and hyphens within, one @, and an
// end of letters, so that its key is itself in lower case.
func isPlain(typed []byte) bool {
	if len(typed) > longestLocal {
		return false
	}
	at := -1
	last := -1 // the last character that is neither letter nor digit
	for i, c := range typed {
		if isLetterOrDigit(c) {
			continue
		}
		if i == last+1 || c != '.' && c != '@' && (c != '-' || at >= 0) {
			return false
		}
		if c == '@' {
			if at >= 0 {
				return false
			}
			at = i
		}
		last = i
	}
	return at > 0 && last > at && typed[last] == '.' && lettersOnly(typed[last+1:])
}

func lettersOnly(text []byte) bool {
	for _, c := range text {
		if c >= '0' && c <= '9' {
			return false
		}
	}
	return len(text) > 0
}
