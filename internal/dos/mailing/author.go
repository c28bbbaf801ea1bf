package mailing

import (
	"context"
	"fmt"
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Sort says which of the texts of an Author somebody gets. Texts of one sort differ in names and dates alone.
type Sort string

// SortOf is a sort with what people call it.
type SortOf struct {
	ID    Sort
	Title string
}

// Personal is the text that one person gets.
type Personal struct {
	Sort    Sort
	Subject string
	Words   string
	Lead    string // what stands above the link to the checklist; empty where there is none
	Done    bool   // it says that nothing is left to do, which is said once
}

// Author writes texts that are each person's own.
type Author struct {
	Sorts []SortOf // in the order in which to show them
	// Write gives the texts of some accounts, by their ids.
	Write func(ctx context.Context, r db.R, list []account.Account) (map[string]Personal, error)
}

// TitleOf is what people call a sort; empty for one that there is not.
func (a Author) TitleOf(s Sort) string {
	for _, one := range a.Sorts {
		if one.ID == s {
			return one.Title
		}
	}
	return ""
}

var errSort = fault.OfField("sort", "Choose a step from the list")

// checkSort refuses to choose by a text that there is not, or for a mail whose text is the same for all.
func (a Author) checkSort(s Selection, k Kind) error {
	if s.Sort != "" && (k != Steps || a.TitleOf(s.Sort) == "") {
		return errSort
	}
	return nil
}

// counted counts how many get which text, in the order of the sorts.
func (a Author) counted(getters []getter) (list []SortCount) {
	for _, one := range a.Sorts {
		n := 0
		for _, g := range getters {
			if g.sort == one.ID {
				n++
			}
		}
		if n > 0 {
			list = append(list, SortCount{SortOf: one, N: n})
		}
	}
	return list
}

// SentBySort counts how many had which text of a mail whose text is each person's own.
func (o Office) SentBySort(ctx context.Context, r db.R, id string) ([]SortCount, error) {
	var list []SortCount
	err := r.Each(ctx, func(scan db.Scanner) error {
		var one SortCount
		err := scan(&one.ID, &one.N)
		one.Title = o.Author.TitleOf(one.ID)
		list = append(list, one)
		return err
	}, `SELECT sort, COUNT(*) FROM mailing_recipient WHERE mailing_id = $1 AND sort <> '' GROUP BY sort`, id)
	if err != nil {
		return nil, fmt.Errorf("count who had which text: %w", err)
	}
	place := func(s SortCount) int {
		return slices.IndexFunc(o.Author.Sorts, func(one SortOf) bool { return one.ID == s.ID })
	}
	slices.SortFunc(list, func(x, y SortCount) int { return place(x) - place(y) })
	return list, nil
}
