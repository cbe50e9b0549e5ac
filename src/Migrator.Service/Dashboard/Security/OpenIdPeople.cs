using System.Security.Claims;
using System.Text;
using Migrator.Core.Migrations;
using Migrator.Service.Settings;

namespace Migrator.Service.Dashboard.Security;

/// <summary>Decides what somebody whom an OpenID Connect provider has named may do. What the provider says beyond the claims that the
/// settings name is never inspected: people can often choose it themselves.</summary>
internal static class OpenIdPeople
{
    public static OpenIdVerdict Judge(ClaimsPrincipal person, OpenIdSettings settings)
    {
        if (Only(person, settings.UserClaim) is not { } user)
            return new OpenIdVerdict(
                null,
                "",
                $"the ID token does not have the claim \"{settings.UserClaim}\" (Dashboard:OpenIdConnect:UserClaim) exactly once"
            );
        var isEmail = settings.UserClaim == OpenIdSettings.Email;
        // An address that is not verified may be somebody else's. Some providers send the text "true".
        if (isEmail && !settings.TrustUnverifiedEmail && Only(person, "email_verified") != "true")
            return new OpenIdVerdict(
                null,
                user,
                "the provider does not say that the e-mail address is verified (\"email_verified\": true)"
            );
        var groups = person.FindAll(settings.GroupClaim).Select(claim => claim.Value).ToHashSet(StringComparer.Ordinal);
        var role =
            IsIn(settings.Acting) ? DashboardRoles.Operator
            : IsIn(settings.Looking) ? DashboardRoles.Reader
            : null;
        return new OpenIdVerdict(
            role,
            user,
            role is null ? "neither the person nor a group of theirs is in a list of Dashboard:OpenIdConnect" : null
        );

        bool IsIn(PeopleList list) =>
            list.Users.Any(listed => listed == user || (isEmail && Ascii.EqualsIgnoreCase(listed, user)))
            || list.Groups.Any(groups.Contains);
    }

    /// <returns>Null where the claim is missing, empty, or there several times: no one value is the right one then.</returns>
    private static string? Only(ClaimsPrincipal person, string claim) =>
        person.FindAll(claim).Take(2).ToList() is [{ Value: { Length: > 0 } value }] ? value : null;
}
