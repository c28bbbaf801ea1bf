// Package permission says who may do what at a registration authority: the permission matrix of Care Identity
// Management, as data. It knows neither people nor databases.
package permission

// Job is what somebody is at a registration authority.
type Job string

// The jobs, the highest first.
const (
	Manager       Job = "registration authority manager"
	AdvancedAgent Job = "advanced registration authority agent"
	Agent         Job = "registration authority agent"
	Sponsor       Job = "sponsor"
	IDChecker     Job = "ID checker"
	CardUnlocker  Job = "local smartcard administrator"
	User          Job = "user" // everybody
)

// Jobs lists the jobs, the highest first, as the hierarchy was published.
var Jobs = []Job{Manager, AdvancedAgent, Agent, Sponsor, IDChecker, CardUnlocker, User}

// Rank is how far from the top a job is.
func (j Job) Rank() int {
	for rank, one := range Jobs {
		if one == j {
			return rank
		}
	}
	return len(Jobs)
}

// Above reports whether a job stands above another.
func (j Job) Above(other Job) bool { return j.Rank() < other.Rank() }

// Act is something that the matrix has a row for.
type Act string

// The acts of the matrix.
const (
	Find                Act = "find people and organisations"
	CreateProfile       Act = "create a profile"
	VerifyProfile       Act = "verify a profile"
	ChangeDetails       Act = "change somebody's details"
	ChangeOwnContact    Act = "change one's own contact details"
	CloseProfile        Act = "close or reopen a profile"
	IssueCard           Act = "issue, repair, clear or cancel a smartcard"
	UnlockCard          Act = "unlock a smartcard"
	RenewCard           Act = "renew a smartcard whose certificates are valid"
	RenewExpiredCard    Act = "renew a smartcard whose certificates have expired"
	AddOwnAuthenticator Act = "register one's own authenticator"
	BindAuthenticator   Act = "issue or remove somebody's authenticator"
	AssignPosition      Act = "assign a position, change its dates or remove it"
	ViewRemoved         Act = "view expired or removed positions"
	ChangeSeveral       Act = "change several positions of one person"
	AssignBatch         Act = "assign positions to many people"
	DesignPosition      Act = "create, edit or close a position"
	ManageWorkgroups    Act = "create, close or assign workgroups"
	ViewPositions       Act = "find and view positions"
	DecideRequest       Act = "approve or reject requests"
	ReportUsers         Act = "report on users"
	ReportRequests      Act = "report on requests"
	ReportCards         Act = "report on smartcards"
	ReportPositions     Act = "report on positions"
	ReportRest          Act = "report on authenticators and logins"
	Invite              Act = "invite in Apply for Care ID"
)

// LookAfterOrganisation is an act of ours that the matrix does not have: adding an organisation, mending its code, and
// deciding which authenticators it approves.
const LookAfterOrganisation Act = "look after an organisation"

// Answer says whether a job may do an act.
type Answer string

// The answers.
const (
	No         Answer = "no"
	Yes        Answer = "yes"
	ByRequest  Answer = "by request" // another person decides
	Assignable Answer = "assignable" // for what was made assignable to them; by request otherwise
	Own        Answer = "own"        // for themselves, by self-service
)

// A cell of the matrix on which the published pages differ has the rule that widens it.
type cell struct {
	answer Answer
	wider  Answer // where a rule widens the cell
	rule   func(Rules) bool
}

func is(a Answer) cell { return cell{answer: a} }

// row gives the cells in the order in which the matrix has its columns, after that of managers: they may do everything
// that it has.
func row(advanced, agent, checker, sponsor, unlocker, user Answer) map[Job]cell {
	return map[Job]cell{
		Manager: is(Yes), AdvancedAgent: is(advanced), Agent: is(agent), IDChecker: is(checker),
		Sponsor: is(sponsor), CardUnlocker: is(unlocker), User: is(user),
	}
}

// widened puts a cell into a row on which the published pages differ.
func widened(row map[Job]cell, j Job, wider Answer, rule func(Rules) bool) map[Job]cell {
	row[j] = cell{answer: row[j].answer, wider: wider, rule: rule}
	return row
}

var matrix = map[Act]map[Job]cell{
	Find:                row(Yes, Yes, Yes, Yes, Yes, Yes),
	CreateProfile:       row(Yes, Yes, Yes, No, No, No),
	VerifyProfile:       row(Yes, Yes, Yes, No, No, No),
	ChangeDetails:       row(Yes, Yes, Yes, ByRequest, No, No),
	ChangeOwnContact:    row(Yes, Yes, Yes, Yes, Yes, Yes),
	CloseProfile:        row(Yes, Yes, No, ByRequest, No, No),
	IssueCard:           row(Yes, Yes, No, No, No, No),
	UnlockCard:          row(Yes, Yes, No, Yes, Yes, Own),
	RenewCard:           row(Yes, Yes, No, Yes, Yes, Own),
	RenewExpiredCard:    row(Yes, Yes, No, No, No, No),
	AddOwnAuthenticator: row(Yes, Yes, Yes, Yes, Yes, Yes),
	BindAuthenticator: widened(row(Yes, No, No, No, No, No), Agent, Yes,
		func(r Rules) bool { return r.AgentsBindAuthenticators }),
	AssignPosition: row(Yes, Yes, No, Assignable, No, No),
	ViewRemoved:    row(Yes, Yes, No, Yes, No, No),
	ChangeSeveral: widened(widened(row(Yes, No, No, No, No, No),
		Agent, Yes, func(r Rules) bool { return r.AgentsChangeSeveral }),
		Sponsor, Assignable, func(r Rules) bool { return r.SponsorsChangeSeveral }),
	AssignBatch:      row(Yes, No, No, No, No, No),
	DesignPosition:   row(Yes, No, No, No, No, No),
	ManageWorkgroups: row(Yes, No, No, No, No, No),
	ViewPositions:    row(Yes, Yes, No, No, No, No),
	DecideRequest:    row(Yes, Yes, No, No, No, No),
	ReportUsers:      row(Yes, Yes, Yes, No, No, No),
	ReportRequests:   row(Yes, Yes, Yes, No, No, No),
	ReportCards:      row(Yes, Yes, Yes, Yes, No, No),
	ReportPositions:  row(Yes, Yes, Yes, Yes, No, No),
	ReportRest:       row(Yes, Yes, No, No, No, No),
	Invite:           row(Yes, Yes, Yes, Yes, No, No),

	LookAfterOrganisation: row(No, No, No, No, No, No),
}

// Acts lists the acts, in no order.
func Acts() (list []Act) {
	for act := range matrix {
		list = append(list, act)
	}
	return list
}

// Of gives whether a job may do an act under some rules. What is not in the matrix nobody may do.
func (r Rules) Of(j Job, a Act) Answer {
	c, known := matrix[a][j]
	switch {
	case !known:
		return No
	case c.rule != nil && c.rule(r):
		return c.wider
	}
	return c.answer
}
