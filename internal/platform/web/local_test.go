package web_test

import (
	"testing"

	"signpost/internal/platform/web"
)

func TestWhichAddressesAreOfThisSite(t *testing.T) {
	for address, want := range map[string]bool{
		"/": true, "/services?postcode=M1+1AE&name=a%26b": true, "/services/a%2Fb#results": true, "/a?to=//evil.example": true,
		"": false, "services": false, "//evil.example": false, "///evil.example": false, "/\\evil.example": false,
		"\\\\evil.example": false, "https://evil.example": false, "https:/evil.example": false, "https:evil.example": false,
		"javascript:alert(1)": false, "/\tevil": false, "/\n/evil.example": false, "/\r\nLocation: x": false, "/\x00": false,
		"/a\x7f": false, "/a\u0085": false, " /": false, "/%zz": false,
	} {
		if got := web.Local(address); got != want {
			t.Errorf("%q: %v, want %v", address, got, want)
		}
	}
}
