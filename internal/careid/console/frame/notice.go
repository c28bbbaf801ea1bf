package frame

import (
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/platform/web/nhsuk"
)

// NoticeState is how far a sign-out notice has come.
func NoticeState(n backchannel.Told) nhsuk.TagParams {
	switch {
	case n.State == backchannel.Given:
		return nhsuk.TagParams{Text: "Given", Colour: "green"}
	case n.State == backchannel.GivenUp:
		return nhsuk.TagParams{Text: "Given up", Colour: "red"}
	case n.Failing():
		return nhsuk.TagParams{Text: "Failing", Colour: "orange"}
	}
	return nhsuk.TagParams{Text: "Waiting", Colour: "blue"}
}
