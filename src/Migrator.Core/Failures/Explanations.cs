namespace Migrator.Core.Failures;

/// <summary>What each <see cref="Reason"/> means, and its most frequent cause: docs/troubleshooting.md is made of
/// these and of the hints.</summary>
public static class Explanations
{
    private static readonly Dictionary<Reason, Explanation> s_all = new()
    {
        [Reason.HostUnknown] = new("The host name has no address.", "A misspelt host name, or a DNS server that does not answer."),
        [Reason.ServerNotFound] = new(
            "No mail server of the address was found.",
            "A misspelt domain, or a domain that does not publish where its mailboxes are."
        ),
        [Reason.DiscoveryFailed] = new(
            "No mail server of the address was found, and some sources did not answer.",
            "A DNS server that fails or does not answer, or a network without access to it."
        ),
        [Reason.ServerUnproven] = new(
            "A mail server of the address was found, but nothing proves that it is the right one, so nothing was sent.",
            "A mail server at a hoster, under the name of the hoster: only a person can say that it is the right one."
        ),
        [Reason.TokenRequired] = new(
            "The provider of the address accepts access tokens only, and a command line without a job has none.",
            "An account at Microsoft, or at another provider that no longer accepts passwords."
        ),
        [Reason.ConnectionRefused] = new(
            "No connection to the server could be opened.",
            "A wrong host or port, a firewall, or a server that is down."
        ),
        [Reason.TlsUntrusted] = new(
            "The server's certificate is not trusted, so nothing was sent.",
            "A self-signed, expired or replaced certificate, one for another host name, or one from a private authority."
        ),
        [Reason.TlsMode] = new(
            "The server answered, but not as the TLS mode requires.",
            "Implicit TLS on a port for STARTTLS or vice versa, another service on that port, or a server that is restarting."
        ),
        [Reason.AuthenticationFailed] = new(
            "The server refused the user name or the password.",
            "A wrong password, an account that requires an app password, or an account for which IMAP or POP3 is disabled."
        ),
        [Reason.LoginMethodFailed] = new(
            "The server offers a way to log in and then fails at it.",
            "A server that announces SCRAM or CRAM-MD5 although its password database does not support it."
        ),
        [Reason.LoginUnsupported] = new(
            "The server does not offer the way to log in.",
            "An \"auth\" in the job file that this server does not have, or a server that allows logins only with TLS."
        ),
        [Reason.AdminRefused] = new(
            "The server refused the login of the administrator.",
            "A wrong password, an account that is not an administrator there, or a way to log in (adminLogin) that the "
                + "server does not have."
        ),
        [Reason.AdminNotAllowed] = new(
            "The server accepted the administrator, but does not open this mailbox.",
            "A misspelt mailbox, or an administrator without rights on it."
        ),
        [Reason.ProxyUnreachable] = new(
            "The proxy cannot be reached, or does not answer as a proxy.",
            "A wrong host or port, the wrong kind of proxy, or a proxy that is down."
        ),
        [Reason.ProxyLoginRefused] = new(
            "The proxy refused the login.",
            "A wrong password for the proxy, or a proxy that requires one where none is given."
        ),
        [Reason.ProxyForbidden] = new(
            "The proxy may not connect to the mail server.",
            "A rule of the proxy that does not allow this host or port."
        ),
        [Reason.ProxyDestination] = new(
            "The proxy cannot reach the mail server.",
            "A name that the proxy's network does not know, a firewall behind the proxy, or a mail server that is down."
        ),
        [Reason.ClientCertificateUnreadable] = new(
            "The file with the certificate of this side cannot be used.",
            "A missing file, a wrong password, or a file without the private key."
        ),
        [Reason.ClientCertificateRefused] = new(
            "The server requires a certificate of this side, and got none or one that it does not accept.",
            "No clientCertificate in the job, or one that has expired, was revoked, or is from another authority."
        ),
        [Reason.TokenRefused] = new(
            "The mail server refused the access token.",
            "The application has no right to this mailbox, IMAP or POP3 is disabled for it, or the token is for " + "another service."
        ),
        [Reason.TokenClientRefused] = new(
            "The token server does not accept the client.",
            "A wrong client id or secret, or a client that is disabled or not allowed to use this grant."
        ),
        [Reason.TokenGrantRefused] = new(
            "The token server refused what the token was requested with.",
            "A refresh token that was revoked, has expired or was used elsewhere."
        ),
        [Reason.TokenScopeRefused] = new(
            "The token server does not know the scope, or the client may not request it.",
            "A misspelt scope, or a client without this permission."
        ),
        [Reason.TokenRequestRefused] = new(
            "The token server refused the request.",
            "A wrong address, or a setting of the client that the server does not accept."
        ),
        [Reason.TokenThrottled] = new("The token server throttles.", "Too many requests with the same client."),
        [Reason.TokenServerUnavailable] = new(
            "The token server did not answer, or failed.",
            "A network failure, a proxy or a firewall, or an outage of the provider."
        ),
        [Reason.LoginMissing] = new(
            "Nobody has logged in for this mailbox.",
            "A new job, another state directory or user, or a login that was revoked."
        ),
        [Reason.LoginExpired] = new(
            "The provider no longer accepts the stored login.",
            "Access was revoked, was not used for too long, or the password was changed; or the provider requires a second factor again."
        ),
        [Reason.LoginDeclined] = new(
            "Access was declined on the page of the provider.",
            "The person declined, or the application requires the approval of an administrator."
        ),
        [Reason.LoginTimedOut] = new("The code was not entered in time.", "Codes are valid for some 15 minutes."),
        [Reason.LoginNotKept] = new(
            "The server allowed access, but gave no refresh token: jobs could not run unattended.",
            "A scope that the server requires for refresh tokens is missing."
        ),
        [Reason.LoginStoreUnavailable] = new(
            "Stored logins cannot be read or written.",
            "Missing rights, a full disk, or a database that does not answer or was written by a later version."
        ),
        [Reason.LoginKeyWrong] = new(
            "A stored login cannot be decrypted.",
            "The key was replaced or not restored, Logins:Key refers to another one, or a file was altered."
        ),
        [Reason.ManagedIdentityMissing] = new(
            "This machine has no managed identity.",
            "The machine is not in Azure, or no identity is assigned to it."
        ),
        [Reason.ClockWrong] = new("The token server says that this machine's clock is wrong.", "A clock that is minutes off."),
        [Reason.EntraSecretWrong] = new(
            "Microsoft Entra ID does not accept the client secret.",
            "The id of the secret in place of its value, or the secret of another application."
        ),
        [Reason.EntraSecretExpired] = new("The client secret has expired.", "Client secrets are valid for two years at most."),
        [Reason.EntraCertificateUnknown] = new(
            "Microsoft Entra ID does not know the certificate.",
            "A renewed certificate that was not uploaded, or the certificate of another application."
        ),
        [Reason.EntraApplicationUnknown] = new(
            "The application does not exist in this tenant.",
            "A wrong client id or tenant, or an application of another tenant without consent."
        ),
        [Reason.EntraTenantUnknown] = new("The tenant does not exist in this cloud.", "A misspelt tenant, or a tenant of another cloud."),
        [Reason.EntraConsentMissing] = new(
            "Nobody has consented to the permissions of the application.",
            "The permission was added, and \"Grant admin consent\" was not pressed."
        ),
        [Reason.EntraExchangeMissing] = new(
            "The tenant does not know Exchange Online.",
            "A wrong cloud, or a tenant without Exchange Online."
        ),
        [Reason.EntraApplicationDisabled] = new("The application is disabled in this tenant.", "An administrator has disabled it."),
        [Reason.EntraFederationMismatch] = new(
            "No federated credential fits the token.",
            "Another issuer, subject or audience than the federated credential names."
        ),
        [Reason.EntraAccountUnknown] = new(
            "The account that logged in is not in this tenant.",
            "It was deleted, or the tenant is another one."
        ),
        [Reason.EntraAccountDisabled] = new("The account that logged in is disabled.", "An administrator has disabled it."),
        [Reason.EntraAudienceWrong] = new(
            "The access token is not for Exchange Online, so that it refuses the token.",
            "Another cloud, or a scope of another service."
        ),
        [Reason.EntraRightMissing] = new(
            "The access token has no right to read mail by IMAP or POP3.",
            "The permission was not added, or an administrator has not consented to it."
        ),
        [Reason.EntraServicePrincipalMissing] = new(
            "The access token is good, but Exchange Online does not know the application.",
            "Its service principal was not created in Exchange Online, or was created with the object id of the app registration instead "
                + "of that of the enterprise application."
        ),
        [Reason.EntraPersonRefused] = new(
            "The access token is good, but Exchange Online refuses the person.",
            "The person may not open the mailbox, or the protocol is off for it."
        ),
        [Reason.MailboxNotConnected] = new(
            "The login is good, and the server does not open the mailbox (\"User is authenticated but not connected\").",
            "Full access is missing, IMAP or POP3 is off for the mailbox, the login name is not its address, or too many sessions at once."
        ),
        [Reason.EntraPublicClientOff] = new(
            "Microsoft does not let people log in to the application without a secret.",
            "Public client flows are not allowed for the app registration."
        ),
        [Reason.ProtocolDisabled] = new(
            "The account does not allow this protocol.",
            "IMAP or POP3 is switched off for the account, or for all accounts of its domain."
        ),
        [Reason.AppPasswordRequired] = new(
            "The provider requires an app password.",
            "A Google, Yahoo or iCloud account whose ordinary password was used."
        ),
        [Reason.WebLoginRequired] = new(
            "The provider requires that the owner confirms the login in a browser.",
            "A login from a place where the account was never used before."
        ),
        [Reason.PasswordLoginOff] = new(
            "The provider accepts no passwords from mail programs.",
            "Microsoft 365 since 2022, for sending mail since 2026."
        ),
        [Reason.EntraBlocked] = new(
            "A conditional access policy blocks the application.",
            "A policy for workload identities or locations."
        ),
        [Reason.GoogleDelegationMissing] = new(
            "The service account may not act for this domain.",
            "Domain-wide delegation is missing, names another scope, or was added less than a day ago."
        ),
        [Reason.GoogleServiceAccountUnknown] = new(
            "Google does not know the service account.",
            "The service account was deleted or disabled."
        ),
        [Reason.GoogleKeyUnknown] = new(
            "Google does not accept the key of the service account.",
            "The key was deleted, or belongs to another account."
        ),
        [Reason.GoogleMailboxUnknown] = new(
            "Google does not know the mailbox.",
            "A misspelt address, an alias or a group, or a suspended user."
        ),
        [Reason.ConnectionLost] = new(
            "The connection was lost and could not be restored.",
            "A server that restarts, a network failure, or a server that ends long sessions."
        ),
        [Reason.AnswerTooLong] = new(
            "The server sent more than Migrator accepts as one answer.",
            "A port of another service, a broken server, or an attack."
        ),
        [Reason.ServerBusy] = new(
            "The server throttles: it asked for a pause, again and again.",
            "A rate limit of the provider, or too many connections at the same time."
        ),
        [Reason.DailyLimit] = new(
            "As much mail as is allowed in 24 hours was transferred with an account or a host. No server was asked for more.",
            "A limit of the provider, or one that the job sets, and more mail than it lets through in a day."
        ),
        [Reason.TemporaryFailure] = new(
            "The server reported a temporary failure each time a command was tried.",
            "Maintenance, a broken index or a full disk at the server, or a POP3 server that stopped offering UIDL."
        ),
        [Reason.MailboxLocked] = new(
            "The POP3 server has locked the mailbox for another session.",
            "Another program fetches from the mailbox, or an earlier session has not timed out yet."
        ),
        [Reason.FolderMissing] = new(
            "A folder does not exist, or no longer exists.",
            "The folder was removed or renamed during the run, or its name was misspelt on the command line."
        ),
        [Reason.FolderRecreated] = new(
            "A folder was removed and created again, or renumbered, several times during the run.",
            "Another program works on the folder, or the server loses its UIDVALIDITY."
        ),
        [Reason.DeletionsHeld] = new(
            "So many messages of a folder are gone from the source that their copies were not removed from the target without being asked.",
            "A person who cleared a folder, or a source that lost mail: a failed disk, a restored backup, a client that deletes what it "
                + "downloads."
        ),
        [Reason.FollowUnsupported] = new(
            "The target cannot follow what is moved and deleted at the source.",
            "Folders of the target that are labels (Gmail), where moving a message to the trash takes it out of all of them."
        ),
        [Reason.Undone] = new(
            "The migration of this mailbox was taken back, and a run would bring everything again.",
            "A job whose schedule still starts it after \"migrator undo\"."
        ),
        [Reason.UndoRefused] = new(
            "A migration is not taken back, or not removed for good, because that could touch other mail.",
            "A target whose folders are labels (Gmail), a server without MOVE or UIDPLUS, a folder that has the name of the one that "
                + "messages are moved to, or a second step before the first."
        ),
        [Reason.NotTakenBack] = new(
            "Messages that were delivered stay, because they cannot be recognized any more.",
            "The target folder, or the one that messages were moved to, was deleted and created again, or renumbered."
        ),
        [Reason.ListingIncomplete] = new(
            "The server lists fewer messages than it says the folder contains.",
            "A limit of the provider on listed messages, or a damaged folder index at the server."
        ),
        [Reason.FolderViewLimited] = new(
            "The provider may show only a part of a folder.",
            "A folder of Yahoo or AOL with as many messages as their servers show of one."
        ),
        [Reason.FolderShowsLess] = new(
            "Messages have a label, and no folder shows them.",
            "A setting of a Gmail account hides the label from IMAP programs, or limits how many messages a folder shows: the newest 1,000 "
                + "to 10,000."
        ),
        [Reason.MoreMailFollows] = new(
            "The server has listed only a part of the mailbox, and that part is stored.",
            "Gmail lists some hundred messages in a POP3 session, and others once these were fetched."
        ),
        [Reason.AllMailHidden] = new(
            "The mailbox does not show the folder that has all of its mail.",
            "A setting of a Gmail account hides All Mail from IMAP programs."
        ),
        [Reason.FolderUnreadable] = new(
            "A folder cannot be opened or read.",
            "Missing rights (ACL), a damaged folder at the server, or a damaged archive."
        ),
        [Reason.FolderRefused] = new(
            "The target refuses to create or select a folder.",
            "A name with characters that the target does not allow, a limit on depth or number of folders, or missing rights."
        ),
        [Reason.SearchRefused] = new(
            "The source refuses the search by which the job chooses messages.",
            "A misspelt search key, or one that this server does not know."
        ),
        [Reason.FolderReadOnly] = new(
            "The target opens the folder for reading only.",
            "A shared folder without the right to insert (ACL), or a folder that the provider fills itself."
        ),
        [Reason.OverQuota] = new("The target mailbox is full.", "A quota on storage or on the number of messages."),
        [Reason.TooLarge] = new(
            "The message is larger than the target accepts.",
            "A size limit of the target (APPENDLIMIT, or one that it does not announce)."
        ),
        [Reason.LineTooLong] = new(
            "The target refused a message that has a longer line than servers of its kind take.",
            "A program that wrote a text or an attachment as one line (RFC 5322 allows 998 bytes)."
        ),
        [Reason.AppendRefused] = new(
            "The target refuses this message.",
            "A content filter, a malformed header, or a NUL byte, which some servers do not store."
        ),
        [Reason.AppendLost] = new(
            "The target closes the connection each time this message is sent.",
            "A bug of the server, or a proxy or virus scanner in front of it that ends the connection."
        ),
        [Reason.MergedByTarget] = new(
            "The target stored this message and another one as one message.",
            "A provider that deduplicates, such as Gmail."
        ),
        [Reason.MailRefused] = new(
            "The mail server refuses a notification.",
            "A sender or recipient that it does not accept, or a login that is missing."
        ),
        [Reason.SourceUnreadable] = new(
            "The source lists a message but does not return its content.",
            "A damaged message or index at the server; in an archive, a damaged pack."
        ),
        [Reason.DeletionRefused] = new(
            "The POP3 server refuses to delete messages, or did not confirm it.",
            "A provider that keeps mail whatever POP3 clients request, or a connection that was lost at the end."
        ),
        [Reason.NotConfirmed] = new(
            "The target accepted the message, but it is in no folder of the target.",
            "A rule that deletes or forwards incoming mail, or a server that discards messages without an error."
        ),
        [Reason.SpoolFailed] = new(
            "The spool directory cannot be written or read.",
            "A full disk, or missing rights on the state directory."
        ),
        [Reason.CheckpointFailed] = new(
            "The checkpoint database cannot be used.",
            "A full or failing disk, missing rights, a database that a later version wrote, or an unavailable PostgreSQL server."
        ),
        [Reason.BlobMissing] = new(
            "A pack, an index or a snapshot of the archive is missing.",
            "Files of the archive were deleted, or an incomplete copy of it is in use."
        ),
        [Reason.BlobOffline] = new(
            "A pack is in Azure's archive tier and cannot be read now.",
            "A lifecycle rule of the storage account moved it."
        ),
        [Reason.ArchiveDamaged] = new(
            "Data of the archive is not what was written.",
            "A failing disk, a copy that was cut short, or a change by another program."
        ),
        [Reason.ArchiveMissing] = new(
            "There is no archive at that location.",
            "A misspelt location, a disk that is not mounted, or an archive that was not created yet."
        ),
        [Reason.ArchiveExists] = new(
            "An archive, or something else, is at the location where an archive was to be created.",
            "\"migrator archive init\" was run twice, or the directory is not empty."
        ),
        [Reason.ArchiveVersion] = new(
            "The archive has a format that this version does not know.",
            "A later version of Migrator created it."
        ),
        [Reason.ArchiveKey] = new(
            "The key does not open the archive, or no key was given.",
            "A wrong passphrase or key file, or an archive whose keys were changed or rotated."
        ),
        [Reason.ArchiveNotEncrypted] = new(
            "The archive is not encrypted, so it has no keys.",
            "The command is for encrypted archives, or names another archive than intended."
        ),
        [Reason.ArchiveKeyRemoval] = new("No key was removed.", "The id matches no key or several keys, or the key is the only one."),
        [Reason.ArchiveSuspect] = new(
            "The archive's format record or keys do not belong together.",
            "An attacker or another program added or changed blobs, or two archives were copied into one place."
        ),
        [Reason.ArchiveSetBack] = new(
            "The archive has fewer snapshots than this machine has seen before.",
            "An older copy of the archive was restored, or snapshots were deleted without \"migrator archive prune\"."
        ),
        [Reason.MailboxShrunk] = new(
            "The mailbox has lost most of its messages since an earlier snapshot.",
            "Mail was deleted by mistake, by an attacker or by ransomware; or a mailbox was emptied on purpose."
        ),
        [Reason.NotRestorable] = new("A sample of a snapshot could not be restored.", "A damaged or missing pack."),
        [Reason.ArchiveControlStore] = new(
            "The place for leases and notes is not the one that the archive was created with.",
            "Other credentials or another \"controlStore\" than before, or a lost container."
        ),
        [Reason.ArchiveInUse] = new(
            "Another process uses the archive.",
            "A backup of the same mailbox, a prune or a repair is running, or has died less than two minutes ago."
        ),
        [Reason.SnapshotMissing] = new(
            "No snapshot matches the mailbox and the time.",
            "A misspelt mailbox, a time before the first snapshot, or an archive of several mailboxes without --mailbox."
        ),
        [Reason.MessageMissing] = new(
            "No message, or more than one, matches the ID.",
            "A shortened or misspelt ID, or a message of another mailbox."
        ),
        [Reason.BlobImmutable] = new("The store refuses to delete a blob.", "An immutability policy or a legal hold."),
        [Reason.StoreUnreachable] = new(
            "The archive's store does not answer.",
            "A wrong address, a network failure, a firewall of the storage account, or a share that is not mounted."
        ),
        [Reason.AccessDenied] = new(
            "The archive's store refuses access.",
            "Missing rights on the directory, a missing role, or a signature that expired or lacks a permission."
        ),
        [Reason.ContainerMissing] = new("The container does not exist.", "A misspelt name, or a container that was deleted."),
        [Reason.StoreFull] = new("The archive's store is full.", "A full disk, or a quota of the store."),
        [Reason.AuditUnwritable] = new(
            "The audit trail cannot be written, so the act was not done.",
            "A full disk, or files of another user in the state directory."
        ),
        [Reason.VaultUnreachable] = new("Azure Key Vault does not answer.", "A wrong address, a network failure, a proxy or a firewall."),
        [Reason.VaultRefused] = new(
            "Azure Key Vault refuses to return secrets.",
            "The identity of this machine lacks the role, or the vault's firewall blocks it."
        ),
        [Reason.VaultKeyRefused] = new(
            "Azure Key Vault refuses to use the archive's key.",
            "The identity of this machine lacks the role, or the vault's firewall blocks it."
        ),
        [Reason.VaultKeyUnusable] = new(
            "The archive's key in Azure Key Vault cannot be used.",
            "The key, or the version that the archive names, is disabled, deleted or expired."
        ),
        [Reason.ExportTarget] = new(
            "The directory of an export cannot be used.",
            "It is not empty, is a file, is not writable, or its disk is full."
        ),
        [Reason.ExportUnfinished] = new(
            "The directory to import contains an export that was interrupted.",
            "The export was stopped or failed, so messages are missing."
        ),
        [Reason.FilesUnreadable] = new("The files to import cannot be read.", "A misspelt path, missing rights, or another format."),
        [Reason.FolderFilesUnreadable] = new(
            "The file of a folder cannot be read.",
            "Missing rights, or a mail program that changes the file during the import."
        ),
        [Reason.FileUnreadable] = new(
            "A message in a file cannot be read.",
            "A file that is empty, damaged, cut short, compressed in an unknown way, or not a message."
        ),
        [Reason.NothingToImport] = new(
            "There is no mail of that format at the path.",
            "A wrong --format, or a directory above or below the one that contains the mail."
        ),
        [Reason.LeaseLost] = new(
            "This worker lost its lease on the mailbox and stopped.",
            "The machine was suspended, the process was stopped, or the database was unavailable for too long."
        ),
        [Reason.MailboxBusy] = new("Another run uses the same mailbox.", "The same job, or another one with the same account, is running."),
        [Reason.MailboxGone] = new(
            "The mailbox is no longer in the job file, so its run was cancelled.",
            "The mailbox or the job file was removed while the run was queued."
        ),
        [Reason.FoldersDoNotFit] = new(
            "The folder rules do not fit the mailboxes, so nothing was copied.",
            "Two folders would become one, a private folder would go to a shared one, or a pattern matches no folder."
        ),
        [Reason.ConfigurationInvalid] = new(
            "The command line, the settings or a job file has an error.",
            "A misspelt name or a value that is out of range."
        ),
        [Reason.SecretMissing] = new(
            "A password or another secret is not where its reference points to.",
            "A variable that is not set for this process, a missing or unreadable file, or a prompt without a terminal."
        ),
        [Reason.RunStoreFailed] = new(
            "The database of the service cannot be used.",
            "A full disk or missing rights in the state directory, or an unavailable PostgreSQL server."
        ),
        [Reason.Interrupted] = new("The run was stopped.", "Ctrl-C, SIGTERM, a stopped service, or a paused or cancelled job."),
        [Reason.NotComplete] = new(
            "The run ended, but some messages or folders are missing or differ.",
            "Failures of messages or folders, each with its own code in the report."
        ),
        [Reason.WorkersDied] = new(
            "Several workers died while they ran this mailbox, so it is not started again.",
            "Too little memory, or a bug that this mailbox triggers."
        ),
        [Reason.InvalidMailbox] = new(
            "The row of this mailbox in the list or the job file has an error.",
            "A misspelt column, a missing value, or two rows with one source or one target."
        ),
        [Reason.Fault] = new("Migrator failed in a way that was not foreseen.", "A bug in Migrator."),
    };

    /// <summary>The codes that are explained.</summary>
    public static IEnumerable<string> Codes => s_all.Keys.Select(reason => reason.Code);

    /// <exception cref="KeyNotFoundException">It is not explained yet: a test fails.</exception>
    public static Explanation Of(Reason reason) => s_all[reason];
}
