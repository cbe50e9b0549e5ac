using System.Security.Claims;

namespace Migrator.Service.Dashboard.Security;

/// <summary>What a person may do on the page.</summary>
public static class DashboardRoles
{
    /// <summary>Look.</summary>
    public const string Reader = "reader";

    /// <summary>Look and act.</summary>
    public const string Operator = "operator";

    /// <summary>Name of the policy that lets look.</summary>
    public const string MayLook = "Migrator.Dashboard";

    public static bool CanLook(ClaimsPrincipal person) => person.IsInRole(Reader) || person.IsInRole(Operator);

    public static bool CanAct(ClaimsPrincipal person) => person.IsInRole(Operator);
}
