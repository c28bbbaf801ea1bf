package step

import (
	"errors"
	"net/http"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/login/frame"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// overtaken reports whether an error says that another request took the step: a conflict for which nobody has words.
func overtaken(err error) bool { return errors.Is(err, fault.Conflict) && !frame.HasWords(err) }

// repeated reports whether a post repeats an answer that was wrong, as the second of a double click does.
func repeated(r *http.Request, answers authenticator.Answers, now time.Time) bool {
	sender, err := web.SealedFor(r)
	return err == nil && answers.Repeated(sender.Turn, now)
}

// settled reports whether a post took its step with a wrong answer, or whether another request took the step. What came
// of the step is then in what is stored.
func settled(err error) bool {
	var wrong *authenticator.WrongAnswer
	return errors.As(err, &wrong) || overtaken(err)
}

// correctable reports whether the page that was posted from can show an error, for the person to correct it. Nobody can
// correct it that something does not answer.
func correctable(err error) bool {
	if errors.Is(err, fault.Unavailable) || errors.Is(err, fault.Unknown) {
		return false
	}
	return frame.HasWords(err) && !errors.Is(err, fault.Expired) && !settled(err)
}
