package shared

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	cases "signpost/internal/dos/shared"
	"signpost/internal/platform/db"
	"signpost/internal/platform/seen"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// crowdView is those who wait for a decision, in the parts that can be rejected together.
type crowdView []cases.Waiting

// readCrowd says what to do where so many wait that others have no room.
func (v *caseView) readCrowd(ctx context.Context, r db.R, accountID string) error {
	crowd, err := cases.WaitingFrom(ctx, r, accountID)
	if err != nil || !crowd.Full() {
		return err
	}
	v.Full = fmt.Sprintf("%d people wait for a decision, and some who use the account cannot say who they are before "+
		"you decide. If you do not know the names, somebody may have made them up.", crowd.Total())
	v.crowd = crowd.Parts()
	items := []nhsuk.RadioItem{}
	for i, one := range v.crowd {
		items = append(items, nhsuk.RadioItem{Value: partValue(one), Text: v.crowd.name(i), Hint: hintOf(one)})
	}
	v.Forms.rejectAll.Offer("part", items)
	return nil
}

// name names a part. Browsers are numbered, as nothing else tells them apart.
func (v crowdView) name(i int) string {
	one := v[i]
	network := networkName(one.Network)
	switch {
	case one.Browser != "":
		n := 0
		for _, earlier := range v[:i+1] {
			if earlier.Network == one.Network && earlier.Browser != "" {
				n++
			}
		}
		return fmt.Sprintf("%s, browser %d", network, n)
	case one.New:
		return network + ", new browsers"
	}
	return network
}

// from names where a claim came from, as it is named among the parts.
func (v crowdView) from(c cases.Claim) string {
	for i, one := range v {
		if one.IsOf(c) {
			return v.name(i)
		}
	}
	return networkName(c.Network)
}

func networkName(network string) string { return cmp.Or(network, "Network not known") }

func hintOf(one cases.Waiting) string {
	hint := page.CountText(0, one.Claims, one.Claims, "person", "people")
	if one.Vouched {
		hint += ". Somebody who said in this browser who they are was confirmed."
	}
	return hint
}

// partMark stands between what names a part; none of it has it.
const partMark = ","

// partValue names those of a part who wait as the page shows them, and partOf reads it.
func partValue(one cases.Waiting) string {
	id := []string{one.Network, one.Browser, strconv.FormatBool(one.New)}
	return seen.Pick{ID: strings.Join(id, partMark), Seen: strconv.FormatInt(one.Newest.UnixMilli(), 10)}.Value()
}

// partOf reads what partValue made. Of anything else nobody is a part.
func partOf(value string) (one cases.Waiting) {
	pick := seen.Picked(value)
	id := strings.Split(pick.ID, partMark)
	newest, err := strconv.ParseInt(pick.Seen, 10, 64)
	if err != nil || len(id) != 3 {
		return one // none came before that
	}
	one.Part = cases.Part{Network: id[0], Browser: id[1], New: id[2] == strconv.FormatBool(true)}
	one.Newest = time.UnixMilli(newest)
	return one
}
