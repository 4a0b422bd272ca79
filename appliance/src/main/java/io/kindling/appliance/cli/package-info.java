/// `Kindling(verbs)`: the command line; a verb is a client of the operators' socket or works
/// offline.
@NullMarked
package io.kindling.appliance.cli;

import org.jspecify.annotations.NullMarked;
