package extract

import (
	"strconv"
	"strings"
)

// QuestionColumns are the headings of a file of questions, for a care identity side that cannot be asked over HTTP.
func QuestionColumns() []string { return []string{"ref", "email", "subject"} }

// Row gives the cells of a question under QuestionColumns. A role and a comparison are not asked about by file.
func (q Question) Row() []string { return []string{q.Ref, q.Email, q.Subject} }

// QuestionIn reads a question from the cells of a row, by their headings.
func QuestionIn(cell func(column string) string) (Question, error) {
	q := Question{Ref: cell("ref"), Email: strings.ToLower(cell("email")), Subject: cell("subject")}
	return q, q.check()
}

// AnswerColumns are the headings of a file of answers.
func AnswerColumns() []string {
	return []string{"ref", "found", "state", "email", "position", "authenticator_level", "authenticator_approved",
		"registration_authority", "registration_authority_code"}
}

// Row gives the cells of an answer under AnswerColumns.
func (a Answer) Row() []string {
	row := []string{a.Ref, string(a.Found), string(a.State), string(a.Email), string(a.Position), "", "", "", ""}
	if a.Authenticator != nil {
		row[5] = strconv.Itoa(a.Authenticator.Level)
		row[6] = string(No)
		if a.Authenticator.Approved {
			row[6] = string(Yes)
		}
	}
	if a.Authority != nil {
		row[7] = a.Authority.Organisation
		row[8] = a.Authority.Code
	}
	return row
}

// AnswerIn reads an answer from the cells of a row, by their headings.
func AnswerIn(cell func(column string) string) (Answer, error) {
	word := func(column string) string { return strings.ToLower(cell(column)) }
	a := Answer{Ref: cell("ref"), Found: Found(word("found")), State: State(word("state")),
		Email: EmailMatch(word("email")), Position: YesNo(word("position"))}
	if !text(a.Ref, 1, maxRef) {
		return a, malformed("ref must be 1 to %d bytes", maxRef)
	}
	if level := cell("authenticator_level"); level != "" {
		n, err := strconv.Atoi(level)
		if err != nil {
			return a, malformed("authenticator level is %q", level)
		}
		approved := YesNo(word("authenticator_approved"))
		if approved != Yes && approved != No {
			return a, malformed("authenticator_approved is %q", approved)
		}
		a.Authenticator = &Authenticator{Level: n, Approved: approved == Yes}
	}
	if name := cell("registration_authority"); name != "" {
		a.Authority = &Authority{Organisation: name, Code: cell("registration_authority_code")}
	}
	return a, a.check()
}
