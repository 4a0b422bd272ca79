/// `Kickstart.render(KickstartRequest)`: what Anaconda of the RHEL family installs a node by. Pure
/// functions.
@NullMarked
package io.kindling.ksgen.kickstart;

import org.jspecify.annotations.NullMarked;
