/// Looks whether a running cluster is as planned and does what it is for: `CephCheck(connector)
/// .run(model)` is a report of everything looked at. Changes nothing that stays.
@NullMarked
package io.kindling.postinstall.check;

import org.jspecify.annotations.NullMarked;
