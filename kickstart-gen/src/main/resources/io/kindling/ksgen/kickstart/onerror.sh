
# The installer has given up. Its log tells why; the first reason that arrives is the one kept.
reason=$(grep -hE '(ERR|CRT|ERROR|CRITICAL)[ :]' /tmp/anaconda.log | tail -n 3 | tr '\n' ' ')
hand_in_logs /tmp/anaconda.log /tmp/storage.log /tmp/program.log /tmp/packaging.log /tmp/dnf.librepo.log \
  /tmp/kindling-pre.log /mnt/sysroot/root/kindling-post.log
failed "${reason:-the installer gave no reason}"
