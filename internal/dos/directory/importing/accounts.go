package importing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
	"signpost/internal/platform/password"
	"signpost/internal/platform/records"
	"signpost/internal/platform/sheet"
	"signpost/internal/platform/sheet/cell"
)

// accountSheet is a list of accounts, under the headings that people write and those of the reference (directory of
// services §3.1).
var accountSheet = sheet.Options{
	Columns: []string{"username", "email"},
	Optional: []string{"first_name", "last_name", "phone", "status", "organisation", "region", "regions", "kind",
		"web_service_only", "shared", "groups", "permissions", "services", "password_hash", "last_login", "created",
		"access_reason", "approved_by", "approved_date", "care_identity"},
	Aliases: map[string][]string{
		"username":   {"user", "login", "login_name", "user_id", "account", "account_name", "dos_username"},
		"email":      {"email_address", "email_id", "mail", "work_email", "e_mail_address"},
		"first_name": {"forename", "given_name", "first"},
		"last_name":  {"surname", "family_name", "last"},
		"phone":      {"telephone", "phone_number", "telephone_number", "tel", "mobile", "contact_number"},
		"status":     {"account_status", "state", "active", "enabled"},
		"organisation": {"home_organisation", "home_organization", "organization", "ods_code", "organisation_code",
			"org_code"},
		"region":           {"home_region", "dos_region"},
		"regions":          {"user_regions", "dos_regions"},
		"kind":             {"account_type", "account_kind", "kind_of_account", "user_type", "type"},
		"web_service_only": {"web_service", "api_only", "machine", "machine_account"},
		"shared":           {"shared_account", "is_shared"},
		"groups":           {"group", "role", "roles", "user_groups"},
		"permissions":      {"permission", "user_permissions"},
		"services":         {"service", "user_services", "service_ids", "service_uids"},
		"password_hash":    {"passsecure", "hash", "password", "hashed_password", "password_digest"},
		"last_login":       {"last_login_time", "last_logged_in", "last_log_in", "last_login_date"},
		"created":          {"created_time", "created_at", "created_date", "date_created", "created_on"},
		"access_reason":    {"reason", "reason_for_access"},
		"approved_date":    {"approved_on", "approved_at", "date_approved"},
		"care_identity":    {"care_identity_id", "care_identity_number", "uuid", "nhsid"},
	},
}

// accountFormat is that of an existing population.
func accountFormat() Format {
	return Format{
		Name:    "accounts",
		Kind:    "accounts",
		Title:   "a list of accounts",
		layouts: []layout{{Options: accountSheet}},
		read:    accountRow,
		check:   checkAccounts,
		table:   accountTable(),
	}
}

// accountTable writes accounts. What is kept of an import names each that it added by its username and its id alone:
// nothing else of a person, nor a password, is to outlive the account there. Of one that it changed the details are
// kept that it may change, so that an undo brings them back.
func accountTable() records.Table {
	return records.Table{
		All:    func(context.Context, db.R) (map[string]string, error) { return map[string]string{}, nil },
		Some:   accountsThere,
		PutAll: putAccounts,
		Filled: account.ImportedTables,
		Weight: func(key string) int {
			if strings.HasSuffix(key, changedKey) {
				return changedWeight
			}
			return 1
		},
		Put: func(ctx context.Context, w *db.W, key, now, record string) error {
			change := accountChange{ID: idOf(key)}
			if err := errors.Join(json.Unmarshal([]byte(now), &change.Before),
				json.Unmarshal([]byte(record), &change.After)); err != nil {
				return fmt.Errorf("record of an account: %w", err)
			}
			_, err := account.ChangeImported(ctx, w, []account.Change{account.Change(change)})
			return err
		},
		Touched: func(ctx context.Context, r db.R, key string) (bool, error) {
			return account.Used(ctx, r, idOf(key))
		},
		Remove: func(ctx context.Context, w *db.W, key string) error {
			return account.RemoveImported(ctx, w, idOf(key))
		},
	}
}

const (
	// accountThere is what is kept of an account that an import added, besides its key.
	accountThere = `{}`
	// changedKey ends the key under which one is kept that an import changed.
	changedKey = " changed"
	// changedWeight is how many times as long as one that is added an account that is changed takes: it has an event of
	// its own, and its words are written anew.
	changedWeight = 4
)

// idOf gives the id in the key under which an imported account is kept.
func idOf(key string) string {
	key = strings.TrimSuffix(key, changedKey)
	return key[strings.LastIndex(key, " ")+1:]
}

func keyOf(username, id string) string { return account.FoldUsername(username) + " " + id }

// accountsThere gives what is kept of the accounts of some keys, as they are now.
func accountsThere(ctx context.Context, r db.R, keys []string) (map[string]string, error) {
	var ids []string
	for _, key := range keys {
		ids = append(ids, idOf(key))
	}
	there, err := account.ByIDs(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	records := map[string]string{}
	for _, key := range keys {
		a, is := there[idOf(key)]
		switch {
		case is && strings.HasSuffix(key, changedKey):
			records[key], err = encoded(a.Changeable())
		case is:
			records[key] = accountThere
		}
		if err != nil {
			return nil, err
		}
	}
	return records, nil
}

func encoded(record any) (string, error) {
	text, err := json.Marshal(record)
	return string(text), err
}

// accountChange is the record of an account that is there and that a row changes.
type accountChange struct {
	ID            string `json:"changed_id"`
	Before, After account.Changeable
}

// accountRecord is a record of either kind: of a new account, or of a change, which has an id.
type accountRecord struct {
	account.Imported
	accountChange
}

// putAccounts adds and changes the accounts of a chunk.
func putAccounts(ctx context.Context, w *db.W, list []string) ([]records.Written, error) {
	var added []account.Imported
	var changes []account.Change
	changed := make([]bool, len(list))
	for i, text := range list {
		var record accountRecord
		if err := json.Unmarshal([]byte(text), &record); err != nil {
			return nil, fmt.Errorf("record of an account: %w", err)
		}
		if changed[i] = record.ID != ""; changed[i] {
			changes = append(changes, account.Change(record.accountChange))
		} else {
			added = append(added, record.Imported)
		}
	}
	fresh, err := addAccounts(ctx, w, added)
	if err != nil {
		return nil, err
	}
	old, err := changeAccounts(ctx, w, changes)
	if err != nil {
		return nil, err
	}
	kept := make([]records.Written, 0, len(list))
	for i := range list {
		from := &fresh
		if changed[i] {
			from = &old
		}
		kept = append(kept, (*from)[0])
		*from = (*from)[1:]
	}
	return kept, nil
}

func addAccounts(ctx context.Context, w *db.W, list []account.Imported) (kept []records.Written, err error) {
	ids, err := account.AddImported(ctx, w, list)
	for i, id := range ids {
		kept = append(kept, records.Written{Key: keyOf(list[i].Username, id), Record: accountThere})
	}
	return kept, err
}

func changeAccounts(ctx context.Context, w *db.W, list []account.Change) (kept []records.Written, err error) {
	done, err := account.ChangeImported(ctx, w, list)
	for _, one := range done {
		before, encodeBefore := encoded(one.Before)
		after, encodeAfter := encoded(one.After)
		if err := errors.Join(encodeBefore, encodeAfter); err != nil {
			return nil, err
		}
		key := keyOf(one.Username, one.ID) + changedKey
		kept = append(kept, records.Written{Key: key, Before: before, Record: after})
	}
	return kept, err
}

// person is a row about an account, of which it is not known yet what its names of organisations, regions and services
// mean.
type person struct {
	account.Imported

	groups, permissions, services, regions []string
	region, organisation                   string
	emailKey                               string            // the canonical form of the address
	has                                    func(string) bool // whether the file has a column
}

// accountRow reads a row about an account.
func accountRow(row sheet.Row, _ map[string]postcode.Point) (p parsedRow, err error) {
	one := person{
		groups: cell.Several(row.Get("groups")), permissions: cell.Several(row.Get("permissions")),
		services: cell.Several(row.Get("services")), regions: cell.Several(row.Get("regions")),
		region: row.Get("region"), organisation: row.Get("organisation"), has: row.Has,
	}
	one.Phone = row.Get("phone")
	one.AccessReason = row.Get("access_reason")
	one.ApprovedBy = row.Get("approved_by")
	for _, read := range []func(sheet.Row, *parsedRow) error{
		one.readKind, one.readNames, one.readEmail, one.readStatus, one.readPassword, one.readTimes, one.checkTexts,
	} {
		if err := read(row, &p); err != nil {
			return p, err
		}
	}
	if row.Get("care_identity") != "" {
		p.note("The Care Identity is not linked: its holder links it and proves both")
	}
	p.key = account.FoldUsername(one.Username)
	p.record = one
	return p, nil
}

func (o *person) readNames(row sheet.Row, _ *parsedRow) (err error) {
	if o.Username, err = cell.Required(row, "username"); err != nil {
		return err
	}
	for column, to := range map[string]*string{"first_name": &o.FirstName, "last_name": &o.LastName} {
		*to = row.Get(column)
		if problem := name.Problem(*to); problem != "" {
			return fault.OfField(column, "In "+fault.Quoted(*to)+": "+problem)
		}
	}
	return nil
}

// readEmail reads the address, which a program needs none of.
func (o *person) readEmail(row sheet.Row, p *parsedRow) error {
	text := row.Get("email")
	if text == "" && o.Kind == account.Machine {
		return nil
	}
	address, err := email.ParseNew(text)
	if f, known := fault.From(err); known {
		return fault.OfField("email", "In "+fault.Quoted(text)+": "+f.Message)
	}
	o.Email = address.String()
	o.emailKey, _ = address.Canonical()
	if o.Kind == account.Individual && email.RoleMailbox(address) {
		p.note(fault.Quoted(text) + " looks like a team's mailbox: the account cannot be linked before it has an " +
			"address that one person alone can use")
	}
	return err
}

func (o *person) readPassword(row sheet.Row, _ *parsedRow) error {
	text := row.Get("password_hash")
	if text == "" {
		return nil
	}
	hash, err := password.Import(text)
	if f, known := fault.From(err); known { // which does not quote what somebody may have typed
		return fault.OfField("password_hash", f.Message+" "+f.Cure)
	}
	o.PasswordHash = hash
	return err
}

func (o *person) checkTexts(row sheet.Row, _ *parsedRow) error {
	if err := account.PhoneProblem(o.Phone); err != nil {
		return cell.NotOne(row, "phone", "a telephone number", "Enter one like 01632 960 001, or leave it empty")
	}
	for column, text := range map[string]string{"access_reason": o.AccessReason, "approved_by": o.ApprovedBy} {
		if len(text) > maxDetail {
			return fault.OfField(column, fmt.Sprintf("Is longer than %d characters: shorten it", maxDetail))
		}
	}
	return nil
}

// maxDetail is the longest text of a detail, in bytes.
const maxDetail = 2000

func (o *person) readTimes(row sheet.Row, _ *parsedRow) (err error) {
	for column, to := range map[string]*time.Time{
		"last_login": &o.LastLogin, "created": &o.Created, "approved_date": &o.Approved,
	} {
		if *to, err = cell.Moment(row, column); err != nil {
			return err
		}
	}
	return nil
}

// kindNames are what people call the kinds of accounts, in letters alone.
var kindNames = map[string]account.Kind{
	"": account.Individual, "individual": account.Individual, "person": account.Individual,
	"personal": account.Individual, "named": account.Individual, "user": account.Individual,
	"standard": account.Individual,
	"shared":   account.Shared, "team": account.Shared, "group": account.Shared, "generic": account.Shared,
	"machine": account.Machine, "webservice": account.Machine, "webserviceonly": account.Machine,
	"api": account.Machine, "system": account.Machine, "program": account.Machine,
}

// readKind reads what an account is for, from the column that names the kind and from those that ask whether it is one.
func (o *person) readKind(row sheet.Row, _ *parsedRow) error {
	kind, known := kindNames[cell.Plain(row.Get("kind"))]
	if !known {
		return cell.NotOne(row, "kind", "a kind of account", "Enter individual, shared or machine")
	}
	for _, asked := range []struct {
		column string
		kind   account.Kind
	}{{"shared", account.Shared}, {"web_service_only", account.Machine}} {
		is, err := cell.YesOrNo(row, asked.column)
		if err != nil {
			return err
		}
		if is && kind != account.Individual && kind != asked.kind {
			return fault.OfField(asked.column, "Says another kind of account than another column: mend one of them")
		}
		if is {
			kind = asked.kind
		}
	}
	o.Kind = kind
	return nil
}

// accountStatuses are what people call accounts that can be used, and those that cannot.
var accountStatuses = map[bool][]string{
	true: append([]string{"active", "enabled", "live", "open", ""}, cell.Yes...),
	false: append([]string{"inactive", "notactive", "disabled", "suspended", "deactivated", "closed", "locked",
		"expired", "left", "archived"}, cell.No[:len(cell.No)-1]...),
}

// readStatus reads whether the account can be used. Without a status it can.
func (o *person) readStatus(row sheet.Row, _ *parsedRow) error {
	text := cell.Plain(row.Get("status"))
	for active, names := range accountStatuses {
		if slices.Contains(names, text) {
			o.Active = active
			return nil
		}
	}
	return cell.NotOne(row, "status", "a status", "Enter ACTIVE or INACTIVE")
}
