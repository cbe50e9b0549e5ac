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
        "Check clientId (the application id on the Overview page of App registrations) and tenant. For an "
            + "application of another tenant, an administrator of this one must consent first."
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
