package login_test

import "signpost/internal/platform/web/page"

// serviceDesk can be reached in every way.
var serviceDesk = page.Desk{
	Line: "Desk: desk@a.example", Portal: "https://dos.example/help/ticket?reference={reference}",
	Prefix: "MFA-DoS - ", Email: "desk@a.example", Telephone: "0300 3035035",
}

// ways are what each page of a refusal says: how to reach it with a reference, whom else to ask, and how to go back.
var ways = []string{
	"Who to ask", "Cancel and go back to Directory of Services",
	"https://dos.example/help/ticket?reference=", "raise a ticket</a>: this is the best way",
	"mailto:desk@a.example?subject=MFA-DoS%20-%20reference%20", "please call if your query is urgent",
}
