package frame_test

import (
	"testing"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/provider/backchannel"
)

func TestNotices(t *testing.T) {
	for name, tt := range map[string]struct {
		notice        backchannel.Notice
		state, answer string
	}{
		"waits":          {backchannel.Notice{State: backchannel.Waiting}, "Waiting", "None yet"},
		"answered badly": {backchannel.Notice{State: backchannel.Waiting, Tries: 1, Answer: `status 503: "We restart"`}, "Failing", `Status 503: "We restart"`},
		"not answered":   {backchannel.Notice{State: backchannel.Waiting, Tries: 2, Answer: "No answer within 3 seconds."}, "Failing", "No answer within 3 seconds."},
		"delivered":      {backchannel.Notice{State: backchannel.Delivered, Tries: 1, Answer: "Status 200 OK"}, "Delivered", "Status 200 OK"},
		"given up":       {backchannel.Notice{State: backchannel.GivenUp, Tries: 20, Answer: "état 500"}, "Given up", "État 500"},
	} {
		if state, answer := frame.NoticeState(tt.notice).Text, frame.NoticeAnswer(tt.notice); state != tt.state ||
			answer != tt.answer {
			t.Errorf("%s: %q, %q", name, state, answer)
		}
	}
}
