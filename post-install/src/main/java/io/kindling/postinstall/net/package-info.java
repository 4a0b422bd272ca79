/// Verifies the networks between nodes before anything is deployed on them: `NetVerify(connector)
/// .run(plan)` is a report with a matrix for each network and a finding for each bad port.
@NullMarked
package io.kindling.postinstall.net;

import org.jspecify.annotations.NullMarked;
