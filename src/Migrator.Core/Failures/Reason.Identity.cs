namespace Migrator.Core.Failures;

/// <summary>Reasons why there is no access token, or why it was refused.</summary>
public sealed partial record Reason
{
    public static readonly Reason TokenRefused = new(
        "token-refused",
        FailureScope.Server,
        "The token server gave this token, and the mail server does not accept it. Check that \"user\" is the"
            + " address of the mailbox and that the application may open it. docs/providers.md lists what each "
            + "provider requires."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason TokenClientRefused = new(
        "token-client-refused",
        FailureScope.Server,
        "Check clientId and clientSecret, and that the client may use this grant."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason TokenGrantRefused = new(
        "token-grant-refused",
        FailureScope.Server,
        "The refresh token no longer holds: it was revoked, has expired, or was replaced. Authorize the "
            + "client again, and store the new refresh token."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason TokenScopeRefused = new(
        "token-scope-refused",
        FailureScope.Server,
        "Check \"scope\": the server's documentation names the scope of its mail."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason TokenRequestRefused = new(
        "token-request-refused",
        FailureScope.Server,
        "Check the keys of \"auth\" against the documentation of the token server."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason TokenThrottled = new(
        "token-throttled",
        FailureScope.Server,
        "The token server asked for a pause. Run again later."
    )
    {
        Category = FailureCategory.Connection,
        IsTransient = true,
    };

    public static readonly Reason TokenServerUnavailable = new(
        "token-server-unavailable",
        FailureScope.Server,
        "Check that this machine can reach the token server (name, proxy, firewall), and that its certificate" + " is trusted."
    )
    {
        Category = FailureCategory.Connection,
        IsTransient = true,
    };

    public static readonly Reason LoginMissing = new(
        "login-missing",
        FailureScope.Server,
        "Log in once: migrator login JOB. It works without a browser on this machine too."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason LoginExpired = new(
        "login-expired",
        FailureScope.Server,
        "The provider no longer accepts the stored login (revoked, unused for too long, password changed, or "
            + "a second factor is required). Log in again: migrator login JOB."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason LoginDeclined = new(
        "login-declined",
        FailureScope.Server,
        "Run migrator login again, and allow access on the page. If the page asks for an approval, have the "
            + "application approved for the tenant first."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason LoginTimedOut = new(
        "login-timed-out",
        FailureScope.Server,
        "Run migrator login again, and enter the code in time."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason LoginNotKept = new(
        "login-without-refresh-token",
        FailureScope.Server,
        "Request a refresh token: add the scope that the server requires for it, often offline_access, and run " + "migrator login again."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason LoginStoreUnavailable = new(
        "login-store-unavailable",
        FailureScope.Server,
        "Check the rights on the directory logins in the state directory, or that the database answers."
    )
    {
        Category = FailureCategory.Connection,
        IsTransient = true,
    };

    public static readonly Reason LoginKeyWrong = new(
        "login-key-wrong",
        FailureScope.Server,
        "Use the key that the logins were stored with: the file logins.key in the state directory, or what "
            + "Logins:Key refers to. If it is lost, delete them (migrator login revoke --all), and log in again."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason ManagedIdentityMissing = new(
        "managed-identity-missing",
        FailureScope.Server,
        "Assign a managed identity to this machine in the Azure portal (Identity), or use another way to log "
            + "in: \"clientSecret\", \"certificateFile\" or \"federatedTokenFile\"."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason ClockWrong = new(
        "clock-wrong",
        FailureScope.Server,
        "Set the clock of this machine, and keep it right with NTP."
    )
    {
        Category = FailureCategory.Configuration,
    };

    public static readonly Reason EntraSecretWrong = new(
        "entra-secret-wrong",
        FailureScope.Server,
        "Use the value of the client secret, not its id (Microsoft Entra admin center, App registrations, "
            + "your application, Certificates & secrets). The value is shown only once: if it is lost, create "
            + "another secret."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason EntraSecretExpired = new(
        "entra-secret-expired",
        FailureScope.Server,
        "Create a new client secret (Microsoft Entra admin center, App registrations, your application, "
            + "Certificates & secrets), and replace the one that \"clientSecret\" refers to."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason EntraCertificateUnknown = new(
        "entra-certificate-unknown",
        FailureScope.Server,
        "Upload the certificate without its private key (Microsoft Entra admin center, App registrations, "
            + "your application, Certificates & secrets, Certificates)."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason EntraApplicationUnknown = new(
        "entra-application-unknown",
        FailureScope.Server,
        "Check clientId (the application id on the Overview page of App registrations) and tenant. An "
            + "application of another tenant must be consented to in this one first."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason EntraTenantUnknown = new(
        "entra-tenant-unknown",
        FailureScope.Server,
        "Check tenant (Microsoft Entra admin center, Overview, Tenant ID) and cloud: a tenant lives in one " + "cloud only."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason EntraConsentMissing = new(
        "entra-consent-missing",
        FailureScope.Server,
        "Add the application permissions of Office 365 Exchange Online (IMAP.AccessAsApp, POP.AccessAsApp, "
            + "SMTP.SendAsApp), and grant admin consent (Microsoft Entra admin center, App registrations, your "
            + "application, API permissions)."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason EntraExchangeMissing = new(
        "entra-exchange-missing",
        FailureScope.Server,
        "Check cloud, and that the tenant has Exchange Online."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason EntraApplicationDisabled = new(
        "entra-application-disabled",
        FailureScope.Server,
        "Enable the application: Microsoft Entra admin center, Enterprise applications, your application, "
            + "Properties, Enabled for users to sign in."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason EntraFederationMismatch = new(
        "entra-federation-mismatch",
        FailureScope.Server,
        "Compare issuer, subject and audience of the federated credential (Microsoft Entra admin center, App "
            + "registrations, your application, Certificates & secrets, Federated credentials) with those of the "
            + "token in federatedTokenFile. Case matters."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason EntraAccountUnknown = new(
        "entra-account-unknown",
        FailureScope.Server,
        "The account that logged in is not in this tenant any more. Check tenant, and log in again with an "
            + "account of it: migrator login JOB."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason EntraAccountDisabled = new(
        "entra-account-disabled",
        FailureScope.Server,
        "Enable the account (Microsoft Entra admin center, Users, the user, Properties, Account enabled), or "
            + "log in with another account that may open the mailbox: migrator login JOB."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason EntraAudienceWrong = new(
        "entra-audience-wrong",
        FailureScope.Server,
        "The token is not for Exchange Online. Check cloud; with deviceCode, check scope."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason EntraRightMissing = new(
        "entra-right-missing",
        FailureScope.Server,
        "Add the permission of Office 365 Exchange Online (application permission IMAP.AccessAsApp or "
            + "POP.AccessAsApp; with deviceCode, the delegated IMAP.AccessAsUser.All), and grant admin consent: "
            + "Microsoft Entra admin center, App registrations, your application, API permissions."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason EntraServicePrincipalMissing = new(
        "entra-service-principal-missing",
        FailureScope.Server,
        "Run the line of New-ServicePrincipal in Exchange Online PowerShell. If there is a service principal "
            + "already, it has another object id, mostly that of the app registration: remove it first "
            + "(Remove-ServicePrincipal). It takes some minutes to work."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason EntraPersonRefused = new(
        "entra-person-refused",
        FailureScope.Server,
        "Check that the person owns the mailbox or has full access (Add-MailboxPermission -AccessRights "
            + "FullAccess), and that the protocol is on for it (Get-CASMailbox: ImapEnabled, PopEnabled)."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason MailboxNotConnected = new(
        "mailbox-not-connected",
        FailureScope.Session,
        "The login is good, but Exchange does not open this mailbox. Check in Exchange Online PowerShell that the "
            + "protocol is on (Get-CASMailbox: ImapEnabled, PopEnabled), that the application or the person has full "
            + "access (Add-MailboxPermission -AccessRights FullAccess), and that \"user\" is the address of the mailbox. "
            + "Rights take some minutes to work. Exchange also says this for a while when many sessions open at once."
    )
    {
        Category = FailureCategory.Connection,
        IsTransient = true,
    };

    public static readonly Reason EntraPublicClientOff = new(
        "entra-public-client-off",
        FailureScope.Server,
        "Allow logins without a secret: Microsoft Entra admin center, App registrations, your application, Authentication, "
            + "Allow public client flows: Yes."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason ProtocolDisabled = new(
        "protocol-disabled",
        FailureScope.Server,
        "Switch the protocol on for this account. Google: Gmail, Settings, Forwarding and POP/IMAP; for a domain, Google Admin "
            + "console, Apps, Google Workspace, Gmail, End user access. Microsoft: Set-CASMailbox ADDRESS -ImapEnabled $true (or "
            + "-PopEnabled; for notifications -SmtpClientAuthenticationDisabled $false). Other providers: the settings of their webmail."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason AppPasswordRequired = new(
        "app-password-required",
        FailureScope.Server,
        "This account takes no ordinary password from mail programs. Create an app password in the security settings of the "
            + "account and use it in place of the password, or use OAuth (docs/providers.md)."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason WebLoginRequired = new(
        "web-login-required",
        FailureScope.Server,
        "The provider doubts this login. The owner of the account must log in in a browser once and confirm it; then run again."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason PasswordLoginOff = new(
        "password-login-off",
        FailureScope.Server,
        "The provider accepts no passwords from mail programs any more. Use OAuth: docs/providers.md leads through it."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason EntraBlocked = new(
        "entra-blocked",
        FailureScope.Server,
        "A conditional access policy blocks the application. Exclude it, or allow the address of this "
            + "machine: Microsoft Entra admin center, Protection, Conditional Access."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason GoogleDelegationMissing = new(
        "google-delegation-missing",
        FailureScope.Server,
        "Delegate to the service account: Google Admin console, Security, Access and data control, API "
            + "controls, Domain-wide delegation. Add its numeric client id with the scope https://mail.google.com/."
            + " It can take 24 hours to take effect."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason GoogleServiceAccountUnknown = new(
        "google-service-account-unknown",
        FailureScope.Server,
        "Check the service account and its key in the Google Cloud console: IAM & Admin, Service Accounts."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason GoogleKeyUnknown = new(
        "google-key-unknown",
        FailureScope.Server,
        "Create a new key (Google Cloud console, IAM & Admin, Service Accounts, Keys), and replace the one " + "that \"key\" refers to."
    )
    {
        Category = FailureCategory.Connection,
    };

    public static readonly Reason GoogleMailboxUnknown = new(
        "google-mailbox-unknown",
        FailureScope.Server,
        "Check \"subject\", which is the login name unless it is given, and that the user is active and has " + "Gmail."
    )
    {
        Category = FailureCategory.Connection,
    };
}
