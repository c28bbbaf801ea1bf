package frame

import (
	"signpost/internal/national/path"
	"signpost/internal/platform/web/nhsuk"
)

// PhaseTag names a phase of a wave, with the colour of its tag.
func PhaseTag(p path.Phase) nhsuk.TagParams {
	return map[path.Phase]nhsuk.TagParams{
		path.Prepare: {Text: "Prepare", Colour: nhsuk.TagUnknown},
		path.Choose:  {Text: "Choose", Colour: nhsuk.TagAwaited},
		path.Require: {Text: "Require", Colour: nhsuk.TagGood},
		path.Closed:  {Text: "Closed", Colour: nhsuk.TagGone},
	}[p]
}
