/// `SshjConnector(key).connect(address, hostKeys).run(script, lines)`: SSH to machines whose host
/// keys are known beforehand.
@NullMarked
package io.kindling.postinstall.ssh;

import org.jspecify.annotations.NullMarked;
