package life

// What tests of the job call, to stop it between two steps.
var (
	Run    = run
	Enders = enders
)
