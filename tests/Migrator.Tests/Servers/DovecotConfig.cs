namespace Migrator.Tests.Servers;

internal static class DovecotConfig
{
    // What Debian's Dovecot 2.3 announces after login; options take words out of it.
    private const string Capability =
        "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT SORT=DISPLAY THREAD=REFERENCES THREAD=REFS "
        + "THREAD=ORDEREDSUBJECT MULTIAPPEND URL-PARTIAL CATENATE UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED I18NLEVEL=1 "
        + "CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES WITHIN CONTEXT=SEARCH LIST-STATUS BINARY MOVE SNIPPET=FUZZY PREVIEW=FUZZY "
        + "PREVIEW STATUS=SIZE SAVEDATE LITERAL+ NOTIFY SPECIAL-USE";

    public static string Text(string directory, int[] ports, DovecotOptions options, bool root, string user)
    {
        var capability =
            string.Join(' ', Capability.Split(' ').Except(options.Hidden ?? []))
            + (options.AnnounceAppendLimit ? $" APPENDLIMIT={options.MaxMailSize}" : "")
            + (options.QuotaStorage > 0 ? " QUOTA" : "")
            + (options.Acl ? " ACL RIGHTS=texk" : "");
        var plugins = new[]
        {
            options.QuotaMessages > 0 || options.MaxMailSize > 0 || options.QuotaStorage > 0 ? "quota" : "",
            options.Acl ? "acl" : "",
        };
        return $$"""
            base_dir = {{directory}}/run
            state_dir = {{directory}}/run
            log_path = {{directory}}/dovecot.log
            protocols = imap pop3
            listen = 127.0.0.1
            ssl = yes
            ssl_cert = <{{directory}}/cert.pem
            ssl_key = <{{directory}}/key.pem
            disable_plaintext_auth = no
            auth_mechanisms = {{options.Mechanisms}}
            auth_failure_delay = 0
            first_valid_uid = 1
            mail_home = {{directory}}/mail/%u
            mail_location = {{options.Format}}:~/Maildir
            mail_max_userip_connections = 100
            pop3_uidl_format = {{options.UidlFormat}}
            mail_plugins = {{string.Join(' ', plugins)}}
            imap_capability = {{capability}}
            {{(root ? "" : $"default_internal_user = {user}\ndefault_login_user = {user}\ndefault_internal_group = {user}")}}
            {{(
                options.Introspection is null
                    ? ""
                    : $"passdb {{\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = {directory}/oauth2.conf.ext\n}}"
            )}}
            {{(
                options.MasterPassword is null
                    ? ""
                    : "auth_master_user_separator = *\npassdb {\n  driver = passwd-file\n"
                        + $"  args = {directory}/masters\n  master = yes\n  result_success = continue\n}}"
            )}}
            {{(
                options.ClientAuthority is null
                    ? ""
                    : $"ssl_ca = <{directory}/clients.pem\nssl_require_crl = no\nssl_verify_client_cert = yes\n"
                        + "auth_ssl_require_client_cert = yes\nauth_ssl_username_from_cert = yes\n"
                        + "passdb {\n  driver = static\n  args = nopassword=y\n  mechanisms = external\n}"
            )}}
            passdb {
              {{(
                options.Users is null
                    ? $"driver = static\nargs = password={options.UserPassword}"
                    : $"driver = passwd-file\nargs = {directory}/users"
            )}}
            }
            userdb {
              driver = static
              args = {{(root ? "uid=nobody gid=nogroup" : $"uid={user} gid={user}")}} home={{directory}}/mail/%u
            }
            service imap-login {
              {{(root ? "" : "chroot =")}}
              service_count = 0
              inet_listener imap {
                port = {{ports[0]}}
              }
              inet_listener imaps {
                port = {{ports[1]}}
                ssl = yes
              }
            }
            service pop3-login {
              {{(root ? "" : "chroot =")}}
              service_count = 0
              inet_listener pop3 {
                port = {{ports[2]}}
              }
              inet_listener pop3s {
                port = {{ports[3]}}
                ssl = yes
              }
            }
            service anvil {
              {{(root ? "" : "chroot =")}}
              client_limit = 2000
              # A wrong password in one test must not slow down the others.
              unix_listener anvil-auth-penalty {
                mode = 0
              }
            }
            service stats {
              {{(root ? "" : "chroot =")}}
              client_limit = 2000
            }
            service imap {
              process_limit = 500
            }
            service pop3 {
              process_limit = 500
            }
            namespace inbox {
              inbox = yes
              separator = {{options.Separator}}
              prefix = {{options.Prefix}}
              mailbox Sent {
                special_use = \Sent
              }
              mailbox Drafts {
                special_use = \Drafts
              }
              mailbox Trash {
                special_use = \Trash
              }
            }
            {{options.Namespaces}}
            {{(options.QuotaStorage > 0 ? "protocol imap {\n  mail_plugins = quota imap_quota\n}" : "")}}
            {{(options.Acl ? "protocol imap {\n  mail_plugins = acl imap_acl\n}" : "")}}
            plugin {
              {{(options.Acl ? $"acl = vfile\nacl_anyone = {(options.AclForAnyone ? "allow" : "")}" : "")}}
              {{(
                options.QuotaMessages > 0
                    ? $"quota = count:User quota\nquota_vsizes = yes\nquota_rule = *:messages={options.QuotaMessages}\nquota_grace = 0"
                    : ""
            )}}
              {{(
                options.QuotaStorage > 0
                    ? $"quota = count:User quota\nquota_vsizes = yes\nquota_rule = *:bytes={options.QuotaStorage}\nquota_grace = 0"
                    : ""
            )}}
              {{(
                options.MaxMailSize > 0 ? $"quota = count:User quota\nquota_vsizes = yes\nquota_max_mail_size = {options.MaxMailSize}" : ""
            )}}
            }

            """;
    }

    public static string OAuth(DovecotOptions options) =>
        $"""
            introspection_mode = post
            introspection_url = {options.Introspection}
            username_attribute = username
            username_format = {(options.TokensForAnyUser ? "any" : "%u")}
            active_attribute = active
            active_value = true

            """;
}
