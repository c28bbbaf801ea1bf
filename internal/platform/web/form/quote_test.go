package form_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/saved"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/webtest"
)

// Only what an operation refused has a reference, as the last line of the summary. What was left empty or mistyped has
// none: there is nothing that anybody could look up.
func TestOnlyWhatAnOperationRefusedHasAReference(t *testing.T) {
	mistyped := fault.OfField("text", "Enter the text in the correct format")
	for _, tt := range []struct {
		name    string
		problem func(ctx context.Context, f *form.Rendered)
		want    bool
	}{
		{"left empty", func(_ context.Context, f *form.Rendered) { f.Complete() }, false},
		{"mistyped", func(_ context.Context, f *form.Rendered) { f.Refuse(mistyped) }, false},
		{"mistyped, of no field", func(_ context.Context, f *form.Rendered) {
			f.Explain(fault.Say(fault.Invalid, "Enter less."))
		}, false},
		{"taken", func(_ context.Context, f *form.Rendered) {
			f.Refuse(fault.SayOfField("text", fault.Conflict, "Enter another text"))
		}, true},
		{"mistyped and too often", func(_ context.Context, f *form.Rendered) {
			f.Refuse(mistyped)
			f.Explain(fault.Say(fault.TooMany, "Wait."))
		}, true},
		{"not right, which an operation said", func(ctx context.Context, f *form.Rendered) {
			saved.NoteRefused(ctx)
			f.Refuse(mistyped)
		}, true},
		{"refused, but not this form", func(ctx context.Context, _ *form.Rendered) { saved.NoteRefused(ctx) }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx := webtest.Context(t)
			f := noteForm.Read(webtest.Request(http.MethodPost, "/notes/7/save", nil))
			tt.problem(ctx, f)
			var page strings.Builder
			if err := f.Summary().Render(ctx, &page); err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(page.String(), "quote the reference"); got != tt.want {
				t.Errorf("gives a reference: %v, want %v: %s", got, tt.want, page.String())
			}
			_, after, _ := strings.Cut(page.String(), "quote the reference")
			if tt.want && !strings.HasSuffix(after, "</span></p></div></div></div>") {
				t.Errorf("the reference is not the last line of the summary: %s", page.String())
			}
		})
	}
}
