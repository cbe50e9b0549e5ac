using Migrator.Core.Failures;

namespace Migrator.Identity.Google;

/// <summary>What answers of Google's token server mean for a service account.</summary>
internal static class GoogleErrors
{
    /// <returns>Null where it is what the standard says.</returns>
    public static Reason? Meaning(string error, string description)
    {
        return error switch
        {
            "unauthorized_client" => Reason.GoogleDelegationMissing,
            "invalid_client" => Reason.GoogleServiceAccountUnknown,
            "invalid_grant" when Says("Invalid email or User ID") => Reason.GoogleMailboxUnknown,
            "invalid_grant" when Says("short-lived token") => Reason.ClockWrong,
            "invalid_grant" when Says("Invalid JWT Signature") => Reason.GoogleKeyUnknown,
            "invalid_grant" when Says("account not found") => Reason.GoogleServiceAccountUnknown,
            _ => null,
        };

        bool Says(string words) => description.Contains(words, StringComparison.OrdinalIgnoreCase);
    }
}
