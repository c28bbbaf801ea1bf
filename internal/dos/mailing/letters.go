package mailing

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/wave/guidance"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/letter"
	"signpost/internal/platform/random"
	"signpost/internal/platform/when"
)

// MaxLetters is how many letters one file has at most.
const MaxLetters = 500

var (
	errNoLetters = fault.SayCure(fault.Conflict, "Nobody whom email does not reach needs another letter.",
		"Post those that you have made.")
	errLetterKind = fault.SayCure(fault.Conflict, "There are no letters of this mail.",
		"Write to each their own next step: that goes by letter too.")
	errPosted = fault.SayCure(fault.Conflict, "These letters were posted already.", "Make other ones.")
)

// LetterFile is a file of letters of one mail.
type LetterFile struct {
	ID      string
	Letters int
	Made    time.Time
	Posted  time.Time // zero until its maker says so
}

// LetterFiles lists the files of letters of a mail, the newest first.
func LetterFiles(ctx context.Context, r db.R, id string) ([]LetterFile, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (f LetterFile, err error) {
		err = scan(&f.ID, &f.Letters, db.At(&f.Made), db.At(&f.Posted))
		return f, err
	}, `SELECT file, COUNT(*), MAX(made_at), MAX(posted_at) FROM mailing_letter WHERE mailing_id = $1 GROUP BY file
		ORDER BY MAX(made_at) DESC, file`, id)
	if err != nil {
		return nil, fmt.Errorf("list files of letters: %w", err)
	}
	return list, nil
}

// byLetter reports whether an account lacks nothing but an email address at which mail arrives to get a mail.
func (m Mailing) byLetter(a account.Account, k known) bool {
	if !slices.Contains(Unreached(), m.leftOut(a, k)) {
		return false
	}
	a.Email = "-"
	return m.leftOut(a, k) == ""
}

// MakeLetters makes a file of letters to those who get none of a mail because they have no email address, or email to
// it came back, and had no letter of it. It gives the file's id.
func (o Office) MakeLetters(ctx context.Context, by actor.Actor, id string) (string, error) {
	list, err := db.Costly(ctx, o.DB, func(r db.R) ([]getter, error) {
		m, err := ByID(ctx, r, id)
		if err != nil {
			return nil, err
		}
		return o.withoutAddress(ctx, r, m)
	})
	if err != nil {
		return "", err
	}
	return db.Write(ctx, o.DB, by, func(w *db.W) (string, error) {
		m, err := mine(ctx, w, id)
		switch {
		case err != nil:
			return "", err
		case m.Text.Kind != Steps:
			return "", errLetterKind
		case m.State == Stopped:
			return "", m.errStopped()
		case len(list) == 0:
			return "", errNoLetters
		}
		return putLetters(ctx, w, m, list)
	})
}

// withoutAddress lists the first of those who are to get a letter.
func (o Office) withoutAddress(ctx context.Context, r db.R, m Mailing) (list []getter, err error) {
	within, err := account.ReachNow(ctx, r, m.WrittenBy, account.ManageUsers)
	if err != nil {
		return nil, err
	}
	m.Reached = ""
	for {
		next, err := o.after(ctx, r, m, within, tallied)
		if err != nil {
			return nil, err
		}
		k, err := o.know(ctx, r, m, next)
		if err != nil {
			return nil, err
		}
		had, err := hadLetter(ctx, r, m.ID, idsOf(next))
		if err != nil {
			return nil, err
		}
		for _, a := range next {
			if !had[a.ID] && m.byLetter(a, k) && len(list) < MaxLetters {
				list = append(list, getter{id: a.ID, username: a.Username, done: k.own[a.ID].Done,
					phase: int(k.waves[a.ID].Phase)})
			}
		}
		if len(next) < tallied || len(list) == MaxLetters {
			return list, nil
		}
		m.Reached = next[len(next)-1].Username
	}
}

func hadLetter(ctx context.Context, r db.R, id string, accounts []string) (map[string]bool, error) {
	var args db.Arguments
	list, err := db.All(ctx, r, db.Column[string], `SELECT account_id FROM mailing_letter WHERE mailing_id = `+
		args.Add(id)+` AND account_id IN (`+db.AddEach(&args, accounts)+`)`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("look who had a letter: %w", err)
	}
	had := map[string]bool{}
	for _, one := range list {
		had[one] = true
	}
	return had, nil
}

const (
	insertLetter = `INSERT INTO mailing_letter (mailing_id, account_id, file, username, phase, said_done, made_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`
	keepMailing = `UPDATE mailing SET over_at = NULL WHERE id = $1`
)

// putLetters keeps to whom the letters of a new file go, and with them their mail, though it was not sent.
func putLetters(ctx context.Context, w *db.W, m Mailing, list []getter) (file string, err error) {
	file = random.ID()
	for _, to := range list {
		err := w.Soon(ctx, insertLetter, m.ID, to.id, file, to.username, to.phase, to.done, w.Now())
		if err != nil {
			return "", fmt.Errorf("keep letter: %w", err)
		}
	}
	if err := w.Change(ctx, keepMailing, m.ID); err != nil {
		return "", fmt.Errorf("keep mailing of letters: %w", err)
	}
	return file, w.Record(ctx, audit.Event{Kind: eventLetters, Subject: Ref(m.ID), After: len(list)})
}

// Letters gives the letters of a file to its maker, as they would be written now.
func (o Office) Letters(ctx context.Context, by actor.Actor, id, file string) ([]letter.Letter, error) {
	return db.Costly(ctx, o.DB, func(r db.R) ([]letter.Letter, error) {
		m, err := ByID(ctx, r, id)
		if err != nil {
			return nil, err
		}
		if m.WrittenBy != by.ID {
			return nil, ErrNotYours
		}
		within, err := account.ReachNow(ctx, r, by.ID, account.ManageUsers)
		if err != nil {
			return nil, err
		}
		list, err := lettersOf(ctx, r, id, file)
		if err != nil {
			return nil, err
		}
		return o.letters(ctx, r, m, within, list)
	})
}

// posted is one letter of a file.
type posted struct {
	account string
	phase   int
}

func lettersOf(ctx context.Context, r db.R, id, file string) ([]posted, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (p posted, err error) {
		err = scan(&p.account, &p.phase)
		return p, err
	}, `SELECT account_id, phase FROM mailing_letter WHERE mailing_id = $1 AND file = $2 ORDER BY username`, id, file)
	if err != nil {
		return nil, fmt.Errorf("read letters: %w", err)
	}
	if len(list) == 0 {
		return nil, fault.NotFound
	}
	return list, nil
}

// letters writes to those whom the maker of a file looks after still.
func (o Office) letters(
	ctx context.Context, r db.R, m Mailing, within account.Reach, list []posted,
) (letters []letter.Letter, err error) {
	var ids []string
	for _, one := range list {
		ids = append(ids, one.account)
	}
	accounts, err := account.ByIDs(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	k, err := o.know(ctx, r, m, slices.Collect(maps.Values(accounts)))
	if err != nil {
		return nil, err
	}
	var codes []string
	for _, a := range accounts {
		codes = append(codes, a.Organisation)
	}
	post, err := directory.PostalAddresses(ctx, r, codes)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if a := accounts[id]; a.ID != "" && within.Covers(a) {
			letters = append(letters, o.letter(m, a, k, post[a.Organisation], r.Now()))
		}
	}
	return letters, nil
}

// letter writes to one person what a mail would say.
func (o Office) letter(
	m Mailing, a account.Account, k known, post directory.PostalAddress, now time.Time,
) letter.Letter {
	t := m.write(a, k)
	l := letter.Letter{
		To: addressOf(a, post), Date: when.Date(now), Heading: t.subject,
		Paragraphs: append([]string{"Dear " + a.Name() + ","}, strings.Split(t.words, "\n\n")...),
	}
	l.Paragraphs = append(l.Paragraphs, t.after...)
	if o.Post.Foot != "" { // as it stands below a mail
		l.Paragraphs = append(l.Paragraphs, o.Post.Foot)
	}
	if t.lead != "" {
		l.Code = checklistAt(o.Home)
		l.CodeText = t.lead + "\nscan the code, or go to\n" + l.Code
	}
	return l
}

// addressOf is what stands in the window of the envelope: the person, and where their organisation gets its post.
func addressOf(a account.Account, post directory.PostalAddress) []string {
	lines := []string{a.Name(), post.Name}
	if street, rest, found := strings.Cut(post.Address, ", "); found {
		lines = append(lines, street, rest)
	} else {
		lines = append(lines, street)
	}
	return slices.DeleteFunc(append(lines, post.Postcode), func(line string) bool { return line == "" })
}

const markPosted = `UPDATE mailing_letter SET posted_at = $3 WHERE mailing_id = $1 AND file = $2 AND posted_at IS NULL`

// Posted takes down that the letters of a file were posted. What the next phase means counts as told to those whose
// wave is in the phase in which it was when the letters were made.
func (o Office) Posted(ctx context.Context, by actor.Actor, id, file string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		m, err := mine(ctx, w, id)
		if err != nil {
			return err
		}
		list, err := lettersOf(ctx, w, id, file)
		if err != nil {
			return err
		}
		n, err := w.Exec(ctx, markPosted, id, file, w.Now())
		if err != nil {
			return fmt.Errorf("note that letters were posted: %w", err)
		}
		if n == 0 {
			return errPosted
		}
		if err := o.told(ctx, w, m, list); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventPosted, Subject: Ref(id), After: len(list)})
	})
}

// told notes for those who get a letter that they were told what the next phase means.
func (o Office) told(ctx context.Context, w *db.W, m Mailing, list []posted) error {
	var ids []string
	for _, one := range list {
		ids = append(ids, one.account)
	}
	accounts, err := account.ByIDs(ctx, w, ids)
	if err != nil {
		return err
	}
	k, err := o.know(ctx, w, m, slices.Collect(maps.Values(accounts)))
	if err != nil {
		return err
	}
	for _, one := range list {
		of, moves := k.waves[one.account]
		if !moves || int(of.Phase) != one.phase {
			continue
		}
		if err := guidance.Give(ctx, w, one.account, of, guidance.ByLetter); err != nil {
			return err
		}
	}
	return nil
}
