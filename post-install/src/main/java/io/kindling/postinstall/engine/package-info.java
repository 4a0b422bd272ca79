/// The phase engine: `Engine(store, connector, log).run(graph, hosts, mode)`. A graph is data:
/// tasks of items (files, packages, units, commands, gates), each item checked, applied only where
/// it differs, and checked again.
@NullMarked
package io.kindling.postinstall.engine;

import org.jspecify.annotations.NullMarked;
