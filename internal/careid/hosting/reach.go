package hosting

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"signpost/internal/careid/organisation"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
)

// Days are the days of a week, in the order of Reach.Hours.
var Days = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// Reach is how a registration authority is reached, and when.
type Reach struct {
	Code     string
	Email    string
	Phone    string
	Web      string    // https address of its own page
	Place    string    // where it is, in words
	Hours    [7]string // as 09:00-17:00, or several with commas between them; empty on days when it is closed
	Holidays string    // what holds on bank holidays, in words
	By       string    // number of the care identity that said so
	At       time.Time // zero where nobody has
}

// Known reports whether somebody said how the authority is reached.
func (r Reach) Known() bool { return !r.At.IsZero() }

// OpenAtAll reports whether it is said when the authority is open.
func (r Reach) OpenAtAll() bool { return strings.Join(r.Hours[:], "") != "" }

// Line is how the authority is reached in one line.
func (r Reach) Line() string {
	var parts []string
	for _, part := range []string{r.Email, r.Phone, r.Web} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// Opening is the same hours on one day or on several that follow one another.
type Opening struct{ Days, Hours string }

// Week gives the hours of the week, days that follow one another together where they have the same.
func (r Reach) Week() (list []Opening) {
	for first := 0; first < len(Days); {
		last := first
		for last+1 < len(Days) && r.Hours[last+1] == r.Hours[first] {
			last++
		}
		one := Opening{Days: Days[first], Hours: cmp.Or(spoken(r.Hours[first]), "Closed")}
		if last > first {
			one.Days += " to " + Days[last]
		}
		list = append(list, one)
		first = last + 1
	}
	return list
}

// spoken words hours: 09:00 to 12:30, 13:00 to 17:00.
func spoken(hours string) string {
	return strings.ReplaceAll(strings.ReplaceAll(hours, "-", " to "), ",", ", ")
}

// What may be typed of each.
const (
	maxReach = 200 // characters
	maxSpans = 4   // of one day
)

var span = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$`)

// Checked gives how an authority is reached as it is kept, or what is wrong with it at each field.
func (r Reach) Checked() (Reach, error) {
	var problems []error
	problem := func(field, text string) { problems = append(problems, fault.OfField(field, text)) }
	for field, text := range map[string]*string{
		"email": &r.Email, "phone": &r.Phone, "web": &r.Web, "place": &r.Place, "holidays": &r.Holidays,
	} {
		*text = strings.Join(strings.Fields(*text), " ")
		if utf8.RuneCountInString(*text) > maxReach || strings.ContainsFunc(*text, unicode.IsControl) {
			problem(field, fmt.Sprintf("Enter this in %d characters or fewer", maxReach))
		}
	}
	if r.Email == "" && r.Phone == "" && r.Web == "" {
		problem("email", "Enter an email address, a telephone number or a web page")
	}
	if _, err := email.ParseNew(r.Email); r.Email != "" && err != nil {
		problem("email", "Enter an email address in the correct format, like ra@example.nhs.uk")
	}
	if r.Phone != "" && !strings.ContainsAny(r.Phone, "0123456789") {
		problem("phone", "Enter a telephone number, like 01632 960 001")
	}
	if !isPage(r.Web) {
		problem("web", "Enter the whole address of a page, which begins with https://")
	}
	for day := range r.Hours {
		hours, ok := checkedDay(r.Hours[day])
		r.Hours[day] = hours
		if !ok {
			problem(DayField(day),
				"Enter times like 09:00-17:00, or 09:00-12:30, 13:30-17:00, or nothing if it is closed")
		}
	}
	return r, errors.Join(problems...)
}

// isPage reports whether a text is the address of a page, or nothing.
func isPage(text string) bool {
	at, err := url.Parse(text)
	return text == "" || err == nil && at.Scheme == "https" && at.Host != "" && at.User == nil
}

// DayField names the field of a form that holds the hours of a day.
func DayField(day int) string { return strings.ToLower(Days[day]) }

// checkedDay gives the hours of a day as they are kept: in order, and none before the one before it has ended.
func checkedDay(typed string) (string, bool) {
	typed = strings.NewReplacer(" ", "", "–", "-", "to", "-", ";", ",").Replace(typed)
	if typed == "" {
		return "", true
	}
	spans := strings.Split(typed, ",")
	before := ""
	for _, one := range spans {
		if !span.MatchString(one) {
			return typed, false
		}
		from, to, _ := strings.Cut(one, "-")
		if from >= to || from < before {
			return typed, false
		}
		before = to
	}
	return typed, len(spans) <= maxSpans
}

const (
	selectReach = `SELECT code, email, phone, web, place, hours, holidays, set_by, set_at FROM ra_reach`
	upsertReach = `INSERT INTO ra_reach (code, email, phone, web, place, hours, holidays, set_by, set_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (code) DO UPDATE SET email = $2, phone = $3, web = $4,
		place = $5, hours = $6, holidays = $7, set_by = $8, set_at = $9`
)

func scanReach(scan db.Scanner) (r Reach, err error) {
	var hours string
	err = scan(&r.Code, &r.Email, &r.Phone, &r.Web, &r.Place, &hours, &r.Holidays, &r.By, db.At(&r.At))
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal([]byte(hours), &r.Hours)
}

// Reaches gives how some registration authorities are reached, by their codes, of those that said so.
func Reaches(ctx context.Context, r db.R, codes []string) (map[string]Reach, error) {
	found := map[string]Reach{}
	if len(codes) == 0 {
		return found, nil
	}
	var a db.Arguments
	list, err := db.All(ctx, r, scanReach, selectReach+` WHERE code IN (`+db.AddEach(&a, codes)+`)`, a.List()...)
	if err != nil {
		return nil, fmt.Errorf("read how registration authorities are reached: %w", err)
	}
	for _, one := range list {
		found[one.Code] = one
	}
	return found, nil
}

// eventReach is recorded when it was said how a registration authority is reached.
const eventReach audit.Kind = "organisation.reach-set"

// SetReach says how a registration authority is reached, as a part of an Update whose caller has made sure that the
// actor may say so.
func SetReach(ctx context.Context, w *db.W, r Reach) error {
	checked, err := r.Checked()
	if err != nil {
		return err
	}
	before, err := Reaches(ctx, w, []string{r.Code})
	if err != nil {
		return err
	}
	hours, err := json.Marshal(checked.Hours)
	if err != nil {
		return fmt.Errorf("set how a registration authority is reached: %w", err)
	}
	if _, err := w.Exec(ctx, upsertReach, checked.Code, checked.Email, checked.Phone, checked.Web, checked.Place,
		string(hours), checked.Holidays, w.Actor().ID, w.Now()); err != nil {
		return fmt.Errorf("set how a registration authority is reached: %w", err)
	}
	if err := setContact(ctx, w, checked); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{
		Kind: eventReach, Subject: organisation.Ref(checked.Code), Before: before[checked.Code], After: checked,
	})
}

// setContact says in one line how an authority is reached: of one that no other hosts, or that parted from its host
// before. Of others the host acts on: nobody parts from it by saying how they are reached.
func setContact(ctx context.Context, w *db.W, r Reach) error {
	now, err := organisation.ByCode(ctx, w, r.Code)
	if err != nil || now.RAParent != "" && now.Contact == "" {
		return err
	}
	return organisation.SetContact(ctx, w, r.Code, r.Line())
}

// recode has what is kept of an organisation follow it to another code.
const recode = `UPDATE ra_reach SET code = $2 WHERE code = $1`

// Recode has how a registration authority is reached follow its organisation to another code, as a part of an Update
// that records it.
func Recode(ctx context.Context, w *db.W, from, to string) error {
	if _, err := w.Exec(ctx, recode, from, to); err != nil {
		return fmt.Errorf("change code %s of a registration authority: %w", from, err)
	}
	return nil
}
