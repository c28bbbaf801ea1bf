package applicant

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"signpost/internal/careid/apply"
	"signpost/internal/careid/apply/document"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

const (
	homePath    = "/apply-for-care-id"
	picturePath = homePath + "/sent/{shot}"
)

// pathOf is the page of a step.
func pathOf(s apply.Step) string { return homePath + "/" + string(s) }

var titles = map[apply.Step]string{
	apply.StepName: "Your name", apply.StepBirth: "Your birth date", apply.StepNI: "Your National Insurance number",
	apply.StepPhotoID: "Your photo identity document", "id-front": "Picture of the front of your document",
	"id-back": "Picture of the back of your document", "face": "Picture of your face",
	"address-1": "First proof of your address", "address-2": "Second proof of your address",
	"card-photo": "Photo for a smartcard",
}

// step is a page on which one thing is asked.
type step struct {
	name     apply.Step
	form     form.Form
	guidance []string

	fill func(f *form.Rendered, now apply.Progress) // with what is known; nil for nothing
	save func(p *Applicant, r *http.Request, f *form.Rendered) error
}

func stepForm(s apply.Step, fields ...form.Field) form.Form {
	return form.Form{Path: pathOf(s), Page: titles[s], Act: "Save and continue", Fields: fields}
}

func text(name, label, hint, complete string, width int) form.Field {
	return form.Input(nhsuk.InputParams{
		Name: name, Label: nhsuk.LabelParams{Text: label, Size: "s"}, Hint: hint, Autocomplete: complete, Width: width,
		Spellcheck: "false",
	})
}

var steps = append([]step{
	{
		name: apply.StepName, guidance: []string{"Exactly as it stands on your photo identity document."},
		form: stepForm(apply.StepName,
			text("given_name", "Given name", "", "given-name", 20).Required("Enter your given name"),
			text("middle_names", "Middle names (optional)", "", "additional-name", 20),
			text("family_name", "Family name", "", "family-name", 20).Required("Enter your family name")),
		fill: func(f *form.Rendered, now apply.Progress) {
			f.Set("given_name", now.Answers.GivenName)
			f.Set("middle_names", now.Answers.MiddleNames)
			f.Set("family_name", now.Answers.FamilyName)
		},
		save: func(p *Applicant, r *http.Request, f *form.Rendered) error {
			return p.desk.SaveName(r.Context(), stranger(r), cookie(r), f.Value("given_name"),
				f.Value("middle_names"), f.Value("family_name"))
		},
	},
	{
		name: apply.StepBirth,
		form: stepForm(apply.StepBirth, text("birth_date", "Birth date", "For example, 31 3 1980", "bday", 10).
			Required("Enter your birth date")),
		fill: func(f *form.Rendered, now apply.Progress) { f.Set("birth_date", now.BirthDate.Typed()) },
		save: func(p *Applicant, r *http.Request, f *form.Rendered) error {
			return p.desk.SaveBirthDate(r.Context(), stranger(r), cookie(r), f.Value("birth_date"))
		},
	},
	{
		name: apply.StepNI, guidance: []string{"It is on your payslip, P60 or letters about tax. We use it to find " +
			"out whether you have a Care Identity already, and keep it sealed."},
		form: stepForm(apply.StepNI,
			text("ni_number", "National Insurance number", "Such as ‘AB 12 34 56 C’", "off", 10),
			form.Checkboxes(nhsuk.CheckboxesParams{Name: "none", Items: []nhsuk.CheckboxItem{{
				Value: "yes", Text: "I do not have a National Insurance number",
				Hint: "You cannot apply online then. A registration authority sees you face to face.",
			}}})),
		save: func(p *Applicant, r *http.Request, f *form.Rendered) error {
			if f.Value("none") != "" {
				return p.desk.NoNI(r.Context(), stranger(r), cookie(r))
			}
			return p.desk.SaveNI(r.Context(), stranger(r), cookie(r), f.Value("ni_number"))
		},
	},
	{
		name: apply.StepPhotoID, guidance: []string{"Choose one that is valid and that you have with you. A passport " +
			"may have expired up to 6 months ago."},
		form: stepForm(apply.StepPhotoID,
			form.Radios(nhsuk.RadiosParams{
				Name: "photo", Items: radios(identity.PhotoDocuments),
				Fieldset: nhsuk.FieldsetParams{
					Legend: nhsuk.LegendParams{Text: "Which document will you send?", Size: "s"},
				},
			}).Required("Select the document that you will send"),
			text("ending", "Last 4 letters or digits of its number", "", "off", 4).
				Required("Enter the last 4 letters or digits of its number")),
		fill: func(f *form.Rendered, now apply.Progress) {
			if now.Documents.Photo != "" {
				f.Set("photo", now.Documents.Photo)
				f.Set("ending", now.Documents.Ending)
			}
		},
		save: func(p *Applicant, r *http.Request, f *form.Rendered) error {
			return p.desk.SavePhotoID(r.Context(), stranger(r), cookie(r), f.Value("photo"), f.Value("ending"))
		},
	},
}, pictures()...)

func radios(list []identity.Document) (items []nhsuk.RadioItem) {
	for _, d := range list {
		items = append(items, nhsuk.RadioItem{Value: d.Code, Text: d.Name})
	}
	return items
}

const ofDocument = "Put it on a table in good light. All four corners have to be in the picture, and its words " +
	"readable. Take a picture of the document itself, not of a screen or a photocopy."

var shotGuidance = map[document.Shot][]string{
	document.Front: {ofDocument}, document.Back: {ofDocument},
	document.OfFace: {"Face forward in good light, with nothing over your face and nobody else in the picture. It is " +
		"held against your photo document."},
	document.ProofA: {"A document of the last 3 months with your name and address. " + ofDocument},
	document.ProofB: {
		"Another document than the first, of the last 3 months, with your name and address. " + ofDocument,
	},
	document.ForCard: {"It is printed if you get a smartcard: head and shoulders, in focus, facing forward, nothing " +
		"over your face, against a plain background, nearly square."},
}

// cameras say which camera of a telephone takes a picture; of a photo that is there already none does.
var cameras = map[document.Shot]string{
	document.Front: "environment", document.Back: "environment", document.OfFace: "user",
	document.ProofA: "environment", document.ProofB: "environment",
}

// pictures are the steps in which a picture is sent.
func pictures() (list []step) {
	for _, shot := range document.Shots {
		var fields []form.Field
		if isProof(shot) {
			fields = append(fields, form.Radios(nhsuk.RadiosParams{
				Name:     "kind",
				Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Which document is it?", Size: "s"}},
				Items:    radios(identity.AddressDocuments),
			}).Required("Select which document it is"))
		}
		attributes := map[string]any{"accept": "image/jpeg,image/png", "multiple": false}
		if camera := cameras[shot]; camera != "" {
			attributes["capture"] = camera
		}
		one := stepForm(apply.Step(shot), append(fields, form.Files(nhsuk.InputParams{
			Name: "picture", Label: nhsuk.LabelParams{Text: "Picture", Size: "s"},
			Hint:       "A JPEG or PNG file, 10 MB at most. Only the picture is kept.",
			Attributes: attributes,
		}))...)
		one.MaxBytes = int64(document.Rules.MaxBytes) + 64<<10
		list = append(list, step{
			name: apply.Step(shot), form: one, guidance: shotGuidance[shot],
			save: func(p *Applicant, r *http.Request, f *form.Rendered) error {
				sent, err := web.FileOf(r, "picture", document.Rules.MaxBytes)
				if err != nil {
					return err
				}
				return p.desk.SavePicture(r.Context(), stranger(r), cookie(r), shot, f.Value("kind"), sent)
			},
			fill: func(f *form.Rendered, now apply.Progress) {
				if kind := proofOf(now, shot); kind != "" {
					f.Set("kind", kind)
				}
			},
		})
	}
	return list
}

func isProof(s document.Shot) bool { return s == document.ProofA || s == document.ProofB }

// proofOf gives which document a picture proves the address with.
func proofOf(now apply.Progress, s document.Shot) string {
	switch s {
	case document.ProofA:
		return now.Documents.Address
	case document.ProofB:
		return now.Documents.Other
	}
	return ""
}

// answerOf shows what was answered in a step.
func answerOf(now apply.Progress, s apply.Step) templ.Component {
	switch s {
	case apply.StepName:
		return isolated(now.Answers.Name())
	case apply.StepBirth:
		return isolated(now.BirthDate.Text())
	case apply.StepNI:
		return isolated(now.NI.Text())
	case apply.StepPhotoID:
		return isolated(identity.DocumentName(now.Documents.Photo) + ", number ending in " + now.Documents.Ending)
	}
	shot := document.Shot(s)
	return sentPicture(homePath+"/sent/"+string(shot), titles[s], identity.DocumentName(proofOf(now, shot)))
}

// ask shows the page of a step.
func (p *Applicant) ask(st step) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		now, err := p.mine(r)
		if err != nil {
			return err
		}
		f := st.form.New(r)
		if st.fill != nil && !f.HasProblems() {
			st.fill(f, now)
		}
		return p.show(w, r, st, f, now)
	}
}

func (p *Applicant) show(w http.ResponseWriter, r *http.Request, st step, f *form.Rendered, now apply.Progress) error {
	if !now.Open(st.name) {
		return web.SeeOther(w, r, homePath, "")
	}
	v := stepView{Page: p.frame.Page(w, r, st.form.Page), Form: f, Button: st.form.Act, Guidance: st.guidance}
	if shot := document.Shot(st.name); slices.Contains(now.Sent, shot) {
		v.Sent = homePath + "/sent/" + string(shot)
	}
	v.Page.BackHref = homePath
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), stepPage(v))
}

// save takes the answer of a step, and leads to the next one.
func (p *Applicant) save(st step) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := st.form.Read(r)
		if f.Complete() {
			err := st.save(p, r, f)
			if err == nil {
				return p.onward(w, r)
			}
			if !refused(err) {
				return err
			}
			f.Explain(err)
		}
		now, err := p.mine(r)
		if err != nil {
			return err
		}
		return p.show(w, r, st, f, now)
	}
}

// onward leads to the first step that is to be done, or to the answers; to the application where it goes no further.
func (p *Applicant) onward(w http.ResponseWriter, r *http.Request) error {
	now, err := p.mine(r)
	if err != nil {
		return err
	}
	next, missing := now.Next()
	switch {
	case now.State != apply.Started && now.State != apply.Returned:
		return web.SeeOther(w, r, homePath, "")
	case missing:
		return web.SeeOther(w, r, pathOf(next), "")
	}
	return web.SeeOther(w, r, submitForm.StandsOn(), "")
}

var (
	linkForm = form.Form{Path: homePath + "/link/{token}", Act: "Send me a code"}
	codeForm = form.Form{Path: homePath + "/code", Fields: []form.Field{
		form.Input(nhsuk.InputParams{
			Name: "code", Label: nhsuk.LabelParams{Text: "Code from the text message", Size: "s"}, Hint: "6 digits",
			Inputmode: "numeric", Autocomplete: "one-time-code", Spellcheck: "false", Code: true, Width: 10,
		}),
		form.Button(nhsuk.ButtonParams{Text: "Send another code", Name: "another", Value: "yes", Variant: "secondary"}),
	}}
	submitForm = form.Form{Path: homePath + "/submit", At: homePath + "/check", Page: "Check your answers",
		Act: "Submit", Fields: []form.Field{
			form.Checkboxes(nhsuk.CheckboxesParams{Name: "declaration", Items: []nhsuk.CheckboxItem{{
				Value: "yes", Text: "These answers are true, and the documents are my own",
			}}}).Required("Tick the box if your answers are true"),
		}}
	withdrawForm = form.Form{Path: homePath + "/withdraw", Page: "Withdraw your application",
		Act: "Withdraw your application", Fields: []form.Field{
			form.Checkboxes(nhsuk.CheckboxesParams{Name: "sure", Items: []nhsuk.CheckboxItem{{
				Value: "yes", Text: "I do not want to apply any more",
			}}}).Required("Tick the box if you do not want to apply any more"),
		}}
)
