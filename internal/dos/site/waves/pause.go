package waves

import (
	"context"
	"net/http"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

func (v *Waves) pause(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.pause = pauseForm.Read(r)
	return v.pausing(w, r, f, f.pause, v.moving.Pause,
		"The wave is paused. No further phase begins until it is resumed.")
}

func (v *Waves) resume(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.resume = resumeForm.Read(r)
	return v.pausing(w, r, f, f.resume, v.moving.Resume, "The wave is not paused any more.")
}

func (v *Waves) pausing(w http.ResponseWriter, r *http.Request, f forms, typed *form.Rendered,
	do func(ctx context.Context, by actor.Actor, id, reason string) error, done string) error {
	if !typed.Complete() {
		return v.showWave(w, r, http.StatusUnprocessableEntity, f)
	}
	err := do(r.Context(), web.Actor(r), r.PathValue("id"), typed.Value("pause"))
	if typed.Refuse(err) {
		return v.showWave(w, r, typed.Status(), f)
	}
	if err != nil {
		return err
	}
	return v.done(w, r, done)
}
