// Package quiet turns off what MOSN says while its packages are being initialized. Go does that in the order of their
// paths, so this one's turn comes after MOSN's log, which it imports, and before the packages that use it.
package quiet

import "mosn.io/mosn/pkg/log"

func init() { log.StartLogger.Toggle(true) }
