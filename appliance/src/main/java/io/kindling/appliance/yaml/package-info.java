/// `YamlMap.parse(file, text)`: YAML read key by key; every complaint names file and line.
@NullMarked
package io.kindling.appliance.yaml;

import org.jspecify.annotations.NullMarked;
