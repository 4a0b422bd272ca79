# What is in the ISO (CycloneDX 1.6): lines of kind, name and version or SHA-256, by tabulators.
def hash($h): [{alg: "SHA-256", content: $h}];
def component:
  split("\t") as $l
  | if $l[0] == "deb" then
      {type: "library", name: $l[1], version: $l[2],
       "bom-ref": "pkg:deb/debian/\($l[1] | @uri)@\($l[2] | @uri)?arch=\($l[3])&distro=\($suite)",
       purl: "pkg:deb/debian/\($l[1] | @uri)@\($l[2] | @uri)?arch=\($l[3])&distro=\($suite)"}
    elif $l[0] == "jar" then {type: "library", name: $l[1], "bom-ref": "jar/\($l[1])", hashes: hash($l[2])}
    elif $l[0] == "mirror" then {type: "file", name: $l[1], "bom-ref": "mirror/\($l[1])", hashes: hash($l[2])}
    elif $l[0] == "image" then {type: "file", name: $l[1], "bom-ref": "image/\($l[1])", hashes: hash($l[2])}
    else {type: "platform", name: $l[1], version: $l[2], "bom-ref": $l[1]} end;
{bomFormat: "CycloneDX", specVersion: "1.6", version: 1,
 metadata: {timestamp: $at, component: {type: "operating-system", name: $name, version: $version, "bom-ref": "iso", hashes: hash($digest)}},
 components: [split("\n")[] | select(. != "") | component]}
