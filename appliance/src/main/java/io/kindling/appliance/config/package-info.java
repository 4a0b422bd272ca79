/// `KindlingConfig.load(file)`: what the appliance is started with, typed, defaults in code.
@NullMarked
package io.kindling.appliance.config;

import org.jspecify.annotations.NullMarked;
