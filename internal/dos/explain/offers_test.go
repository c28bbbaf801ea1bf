package explain_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
)

// sort is one combination of what decides about an account.
type sort struct {
	kind         account.Kind
	active       bool
	linked       bool
	organisation string
	password     string // none, typed, or set by mail
	phase        path.Phase
	code         bool
	address      string // whose it is
}

func sorts() (list []sort) {
	for _, kind := range []account.Kind{account.Individual, account.Shared, account.Machine} {
		for _, active := range []bool{true, false} {
			for _, linked := range []bool{true, false} {
				for _, organisation := range []string{"", "ZQA"} {
					for _, password := range []string{"none", "typed", "by mail"} {
						for _, phase := range []path.Phase{path.Prepare, path.Choose, path.Require, path.Closed} {
							for _, code := range []bool{true, false} {
								for _, address := range []string{"own", "reception"} {
									list = append(list, sort{kind, active, linked && kind == account.Individual,
										organisation, password, phase, code, address})
								}
							}
						}
					}
				}
			}
		}
	}
	return list
}

// No answer offers a way in that another answer on the same page refuses, whatever is the case of the account; and each
// that says no says what to do.
func TestNoAnswerOffersWhatAnotherRefuses(t *testing.T) {
	w, _ := world(t)
	all := sorts()
	made := map[string]sort{}
	w.Update(func(ctx context.Context, u *db.W) error {
		for i, one := range all {
			made[fmt.Sprint("sort", i)] = one
			if err := one.add(ctx, u, w.Hash, fmt.Sprint("sort", i), w.Waves[one.phase]); err != nil {
				return err
			}
		}
		return nil
	})
	tried, refused := 0, 0
	offers := map[string]int{}
	for username, one := range made {
		login, link := explained(w, username, false), explained(w, username, true)
		newCode, err := db.Read(t.Context(), w.DB, func(r db.R) (bool, error) {
			a, err := account.ByUsername(t.Context(), r, username)
			if err != nil {
				return false, err
			}
			problem, err := linking.CodeProblem(t.Context(), r, a)
			return problem == nil, err
		})
		w.Must(err)
		password, careIdentity := login.Answers[0].Yes, login.Answers[1].Yes
		byPassword, byCode := link.Answers[0].Yes, link.Answers[1].Yes
		works := map[string]bool{
			"log in with the Care Identity":                       careIdentity,
			"log in with the username and password":               password,
			"link a Care Identity with the username and password": byPassword,
			"with the code they were given":                       byCode,
			"can make a code":                                     newCode,
			"logs in and changes it":                              password || careIdentity,
			"Nobody can log in with it":                           !password && !careIdentity,
			"or with the code they were given":                    byCode && byPassword,
			"It cannot be linked either":                          !byPassword && !byCode && !newCode,
		}
		for _, answer := range append(login.Answers, link.Answers...) {
			if answer.Yes {
				continue
			}
			tried++
			if answer.Cure == "" {
				t.Errorf("%+v: %q says not what to do", one, answer.What)
			}
			for offer, is := range works {
				if !strings.Contains(answer.Cure, offer) {
					continue
				}
				offers[offer]++
				if !is {
					refused++
					t.Errorf("%+v: %q is answered by %q, which does not work", one, answer.What, answer.Text())
				}
			}
			for _, other := range []string{"your", "you "} {
				if strings.Contains(strings.ToLower(answer.Text()), other) {
					t.Errorf("%+v: speaks to the holder: %s", one, answer.Text())
				}
			}
		}
	}
	for offer := range map[string]bool{"log in with the Care Identity": true, "can make a code": true,
		"with the code they were given": true, "link a Care Identity with the username and password": true,
		"It cannot be linked either": true, "Nobody can log in with it": true} {
		if offers[offer] == 0 {
			t.Errorf("nothing offers %q: the test proves nothing", offer)
		}
	}
	t.Logf("%d accounts, %d answers that say no, %d offers of what another refuses", len(all), tried, refused)
}

// add makes an account of the sort.
func (s sort) add(ctx context.Context, u *db.W, hash, username, in string) error {
	n := account.New{Username: username, FirstName: "A", Kind: s.kind, Organisation: s.organisation,
		Email: s.address + "@" + username + ".example", PasswordHash: hash}
	if s.password == "none" {
		n.PasswordHash = ""
	}
	a, err := account.Add(ctx, u, n)
	if err != nil {
		return err
	}
	if err := wave.Join(ctx, u, a.ID, in); err != nil {
		return err
	}
	if s.linked {
		link := account.Link{AccountID: a.ID, Issuer: "https://cis2", Subject: username, How: "test"}
		if err := account.AddLink(ctx, u, link); err != nil {
			return err
		}
	}
	if s.code {
		if _, err := u.Exec(ctx, `UPDATE account SET relink_until = $2 WHERE id = $1`, a.ID,
			u.Now().Add(time.Hour)); err != nil {
			return err
		}
	}
	if s.password == "by mail" {
		if _, err := u.Exec(ctx, `INSERT INTO password_by_mail (account_id, set_at) VALUES ($1, $2)`, a.ID,
			u.Now()); err != nil {
			return err
		}
	}
	if s.active {
		return nil
	}
	return account.Deactivate(ctx, u, a.ID, "left")
}
