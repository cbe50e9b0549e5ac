using System.Globalization;

namespace Migrator.Storage.Sql;

/// <summary>Numbered SQL scripts that are embedded in this assembly; each brings a schema one version on.</summary>
internal static class SqlScripts
{
    /// <param name="folder">Such as <c>JobRuns.Migrations.Sqlite</c>.</param>
    /// <returns>Ascending.</returns>
    public static IReadOnlyList<(int Number, string Sql)> In(string folder)
    {
        var assembly = typeof(SqlScripts).Assembly;
        var start = $"{assembly.GetName().Name}.{folder}.";
        return
        [
            .. assembly
                .GetManifestResourceNames()
                .Where(name => name.StartsWith(start, StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal))
                .Select(name =>
                {
                    using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                    return (int.Parse(name[start.Length..].Split('_')[0], CultureInfo.InvariantCulture), reader.ReadToEnd());
                })
                .OrderBy(script => script.Item1),
        ];
    }
}
