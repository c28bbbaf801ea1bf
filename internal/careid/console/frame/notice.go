package frame

import (
	"strings"
	"unicode/utf8"

	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/platform/web/nhsuk"
)

// NoticeState gives the tag that shows the state of a sign-out notice.
func NoticeState(n backchannel.Notice) nhsuk.TagParams {
	switch {
	case n.State == backchannel.Delivered:
		return nhsuk.TagParams{Text: "Delivered", Colour: nhsuk.TagGood}
	case n.State == backchannel.GivenUp:
		return nhsuk.TagParams{Text: "Given up", Colour: nhsuk.TagStopped}
	case n.Failing():
		return nhsuk.TagParams{Text: "Failing", Colour: nhsuk.TagLimited}
	}
	return nhsuk.TagParams{Text: "Waiting", Colour: nhsuk.TagAwaited}
}

// NoticeAnswer gives the service's last answer, with a capital letter.
func NoticeAnswer(n backchannel.Notice) string {
	if n.Answer == "" {
		return "None yet"
	}
	_, size := utf8.DecodeRuneInString(n.Answer)
	return strings.ToUpper(n.Answer[:size]) + n.Answer[size:]
}
