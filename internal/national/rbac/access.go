package rbac

// DirectoryAccess reports whether one role profile opens the Directory of Services: the role R8008
// together with the activity B0166 (guidance, 20 May 2025). Both must be in the same profile: a
// role from one position does not combine with an activity from another, so the caller asks about each
// profile separately. Codes may be whole or only their last part. A malformed code counts as absent.
func DirectoryAccess(role string, activities []string) bool {
	return Holds(role, activities, AdminClinicalSupport, DirectoryUIAccess)
}

// Holds reports whether a role profile has the given role and activity, each named by its last part.
func Holds(role string, activities []string, wantRole, wantActivity string) bool {
	r, err := ParseRole(role)
	return err == nil && r.Job == wantRole && HasActivity(activities, wantActivity)
}

// HasActivity reports whether the activity, named by its last part, is among the codes.
func HasActivity(codes []string, want string) bool {
	for _, c := range codes {
		if code, err := ParseActivity(c); err == nil && code == want {
			return true
		}
	}
	return false
}
