/// Switches machines: `PowerApi(power(book, bmcs), restarts)`. What is known of a machine's
/// management controller (BMC) stands sealed in the book; `Bmc` is one controller by IPMI or
/// Redfish; `Power` carries a verb out and waits for its effect; `Restarts` has a machine that an
/// installation needs booted, by its BMC or by a visible request to a person.
@NullMarked
package io.kindling.appliance.power;

import org.jspecify.annotations.NullMarked;
