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

    /// <summary>Exchange Online, whose audience its mail servers accept.</summary>
    public static string Resource(MicrosoftCloud cloud) =>
        cloud switch
        {
            MicrosoftCloud.GccHigh or MicrosoftCloud.Dod => "https://outlook.office365.us",
            MicrosoftCloud.China => "https://partner.outlook.cn",
            _ => "https://outlook.office365.com",
        };
}
