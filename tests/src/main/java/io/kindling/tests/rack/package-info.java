/// The virtual rack: `Rack(directory, network).add(machine).power(on)`, all inside one network
/// namespace that nothing leaves.
@NullMarked
package io.kindling.tests.rack;

import org.jspecify.annotations.NullMarked;
