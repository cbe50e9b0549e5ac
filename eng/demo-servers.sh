# Sourced by demo.sh: real Dovecot servers on free loopback ports, below $demo, stopped by process id.

free_port() { local port; while port=$((20000 + RANDOM % 20000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done; echo "$port"; }

port() { cat "$demo/$1/port"; }

start_server() {
    local home="$demo/$1" port mail_user
    mkdir -p "$home/mail"
    chmod 755 "$demo" "$home"
    [ -f "$demo/cert.pem" ] || openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -keyout "$demo/key.pem" -out "$demo/cert.pem" 2>/dev/null
    port=$(free_port)
    echo "$port" > "$home/port"
    mail_user=$(id -un)
    [ "$(id -u)" = 0 ] && mail_user=nobody
    {
        cat <<CONF
base_dir = $home/run
state_dir = $home/run
log_path = $home/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <$demo/cert.pem
ssl_key = <$demo/key.pem
first_valid_uid = 1
mail_location = maildir:~/Maildir
passdb {
  driver = static
  args = password=pass
}
userdb {
  driver = static
  args = uid=$mail_user gid=$(id -gn "$mail_user") home=$home/mail/%u
}
service imap-login {
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = $port
    ssl = yes
  }
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox $([ "$1" = old ] && echo Sent || echo '"Sent Items"') {
    special_use = \\Sent
    auto = create
  }
}
CONF
        [ "$(id -u)" = 0 ] || printf '%s\n' "default_internal_user = $mail_user" "default_login_user = $mail_user" \
            "default_internal_group = $(id -gn)" "service imap-login {" "chroot =" "}" "service anvil {" "chroot =" "}" "service stats {" "chroot =" "}"
    } > "$home/dovecot.conf"
    [ "$(id -u)" = 0 ] && chown nobody "$home/mail"
    /usr/sbin/dovecot -F -c "$home/dovecot.conf" >/dev/null 2>&1 &
    echo $! > "$home/pid"
    for _ in $(seq 200); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return; sleep 0.05; done
    echo "Dovecot did not start:" >&2; cat "$home/dovecot.log" >&2; exit 1
}

stop_servers() {
    local file
    for file in "$demo"/*/pid; do
        [ -f "$file" ] && kill "$(cat "$file")" 2>/dev/null && wait "$(cat "$file")" 2>/dev/null || true
    done
}

# message MAILDIR NUMBER FLAGS
message() {
    mkdir -p "$1"/{cur,new,tmp}
    printf 'From: Bob <bob@example.org>\nTo: Ann <ann@example.org>\nSubject: Letter %d: Gr\303\274\303\237e \360\237\216\211\nMessage-ID: <%d@example.org>\n\nDear Ann,\nthis is letter %d, and it ends without a line end.' "$2" "$2" "$2" \
        > "$1/cur/$((1600000000 + $2)).$2.demo:2,$3"
    touch -d "@$((1600000000 + $2 * 3600))" "$1/cur/$((1600000000 + $2)).$2.demo:2,$3"
}

fill_mailbox() {
    local maildir="$demo/$1/mail/$2/Maildir" folder number
    for folder in "" .Sent .Projects ".Projects.M&APw-nchen" ".Trash"; do
        for number in $(seq 150); do message "$maildir/$folder" "$number" "$([ $((number % 3)) = 0 ] && echo S)"; done
        [ -z "$folder" ] || touch "$maildir/$folder/maildirfolder"
    done
    [ "$(id -u)" = 0 ] && chown -R nobody "$demo/$1/mail" || true
}

new_mail() {
    local maildir="$demo/$1/mail/$2/Maildir" number first
    for number in 151 152 153; do message "$maildir" "$number" ""; done
    first=$(find "$maildir/cur" -name '1600000001.*')
    mv "$first" "${first}S"
    [ "$(id -u)" = 0 ] && chown -R nobody "$demo/$1/mail" || true
}
