package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"signpost/internal/platform/fault"
)

func TestFromFindsTheWordsHoweverDeep(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want *fault.Fault
	}{
		{"a sentence", fault.Say(fault.Conflict, "It is taken."), &fault.Fault{Code: fault.Conflict, Message: "It is taken."}},
		{"a sentence and a cure", fault.SayCure(fault.Expired, "It is old.", "Ask again."), &fault.Fault{Code: fault.Expired, Message: "It is old.", Cure: "Ask again."}},
		{"about a field", fault.OfField("email", "Enter an email address"), &fault.Fault{Code: fault.Invalid, Message: "Enter an email address", Field: "email"}},
		{"with a key", fault.Keyed("taken", fault.Say(fault.Conflict, "It is taken.")), &fault.Fault{Code: fault.Conflict, Message: "It is taken.", Key: "taken"}},
		{
			"with a key and a value", fmt.Errorf("save: %w", fault.Keyed("long", fault.OfField("email", "At most 5"), "max", "5")),
			&fault.Fault{Code: fault.Invalid, Message: "At most 5", Field: "email", Key: "long", Values: []string{"max", "5"}},
		},
		{"a key for what is none", fault.Keyed("full", errors.New("disk full")), nil},
		{"a bare code", fault.NotFound, &fault.Fault{Code: fault.NotFound}},
		{"inside another error", fmt.Errorf("save: %w", fault.Say(fault.TooMany, "Wait.")), &fault.Fault{Code: fault.TooMany, Message: "Wait."}},
		{"a bare code inside", fmt.Errorf("read: %w", fault.Forbidden), &fault.Fault{Code: fault.Forbidden}},
		{"an error that is none", errors.New("disk full"), nil},
		{"no error", nil, nil},
		{
			"a refusal of what could not be asked", fmt.Errorf("%w: %w", fault.Say(fault.Forbidden, "No."), fault.Say(fault.Unavailable, "It is down.")),
			&fault.Fault{Code: fault.Unavailable, Message: "It is down."},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, found := fault.From(tt.err)
			if found != (tt.want != nil) {
				t.Fatalf("From(%v) found %v", tt.err, found)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if tt.want != nil && (!errors.Is(tt.err, tt.want.Code) || errors.Is(tt.err, fault.Method)) {
				t.Errorf("%v is not of its code, or of every code", tt.err)
			}
		})
	}
}

func TestAllFindsEachFault(t *testing.T) {
	email := &fault.Fault{Code: fault.Invalid, Message: "Enter an email address", Field: "email"}
	name := &fault.Fault{Code: fault.Invalid, Message: "Enter your name", Field: "name"}
	for _, tt := range []struct {
		name string
		err  error
		want []*fault.Fault
	}{
		{"two", fmt.Errorf("save: %w", errors.Join(email, nil, name)), []*fault.Fault{email, name}},
		{"one", fmt.Errorf("save: %w", name), []*fault.Fault{name}},
		{"a bare code has no words", fault.NotFound, nil}, {"a bug", errors.New("disk full"), nil}, {"nothing", nil, nil},
	} {
		if diff := cmp.Diff(tt.want, fault.All(tt.err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestStatus(t *testing.T) {
	seen := map[int]fault.Code{}
	for _, code := range []fault.Code{
		fault.Invalid, fault.Unauthenticated, fault.Forbidden, fault.NotFound, fault.Conflict, fault.Expired, fault.TooMany, fault.Unavailable,
		fault.Method, fault.Unknown,
	} {
		status := code.Status()
		if other, twice := seen[status]; twice || status < 400 || status == 500 {
			t.Errorf("%s has status %d, and so has %q", code, status, other)
		}
		seen[status] = code
	}
	if got := fault.Code("unheard of").Status(); got != 500 {
		t.Errorf("an unknown code has status %d, want 500", got)
	}
}

// A log line tells which field was wrong, and holds the sentence.
func TestErrorIsForTheLog(t *testing.T) {
	for err, want := range map[error]string{
		fault.OfField("email", "Enter an email address"): "invalid: email: Enter an email address",
		fault.Say(fault.Conflict, "It is taken."):        "conflict: It is taken.",
		fault.NotFound: "not_found",
	} {
		if err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	}
}
