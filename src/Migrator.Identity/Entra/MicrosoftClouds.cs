using Migrator.Core.Identity;

namespace Migrator.Identity.Entra;

/// <summary>Where a cloud's tokens are requested, and what for.</summary>
internal static class MicrosoftClouds
{
    public static Uri Authority(MicrosoftCloud cloud) =>
        new(
            cloud switch
            {
                MicrosoftCloud.GccHigh or MicrosoftCloud.Dod => "https://login.microsoftonline.us",
                MicrosoftCloud.China => "https://login.partner.microsoftonline.cn",
                _ => "https://login.microsoftonline.com",
            }
        );

    /// <summary>The authority of a tenant.</summary>
    public static Uri Tenant(MicrosoftTokens settings) => new(settings.Authority ?? Authority(settings.Cloud), settings.Tenant);

    /// <summary>Names the application, in errors.</summary>
    public static string Server(MicrosoftTokens settings) =>
        $"application {settings.ClientId} at {Tenant(settings).Authority}, tenant {settings.Tenant}";

    /// <summary>Under which the store keeps what a person has allowed.</summary>
    public static LoginKey Key(MicrosoftTokens settings, string mailbox) => new(Tenant(settings).AbsoluteUri, settings.ClientId, mailbox);

    /// <summary>What a person allows for IMAP, where the settings do not say.</summary>
    public static string DelegatedScope(MicrosoftCloud cloud) =>
        cloud == MicrosoftCloud.Global ? "https://outlook.office.com/IMAP.AccessAsUser.All" : $"{Resource(cloud)}/IMAP.AccessAsUser.All";

    /// <summary>Exchange Online, whose audience its mail servers accept.</summary>
    public static string Resource(MicrosoftCloud cloud) =>
        cloud switch
        {
            MicrosoftCloud.GccHigh or MicrosoftCloud.Dod => "https://outlook.office365.us",
            MicrosoftCloud.China => "https://partner.outlook.cn",
            _ => "https://outlook.office365.com",
        };
}
