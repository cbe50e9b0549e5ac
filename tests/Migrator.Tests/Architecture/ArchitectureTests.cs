using System.Text.RegularExpressions;
using Migrator.Tests.Telemetry;
using Mono.Cecil;
using Xunit;

namespace Migrator.Tests.Architecture;

/// <summary>No folder knows one that stands above it: the way down is the only one, so that a folder can be read, tested and taken out with
/// nothing but what is below it.</summary>
public sealed class ArchitectureTests
{
    public static TheoryData<string> Projects => [.. Layers.OfProjects.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_folder_points_up(string project)
    {
        var layers = Layers.OfProjects[project];
        using var assembly = Read(project);
        var types = assembly.MainModule.GetTypes().Where(type => Folder(project, type) is not null).ToList();
        Assert.Equal(
            layers.Order(StringComparer.Ordinal),
            types.Select(type => Folder(project, type)!).Distinct().Order(StringComparer.Ordinal)
        );
        var up =
            from type in types
            let folder = Folder(project, type)!
            from other in Known(type)
            let below = Folder(project, other)
            where below is not null && Rank(layers, below) > Rank(layers, folder)
            select $"{folder} -> {below}: {type.FullName} knows {other.FullName}";
        Assert.Empty(up.Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void The_document_lists_the_folders_in_the_same_order(string project)
    {
        var document = File.ReadAllText(Docs.Path("architecture.md"));
        // The tree there goes from the top down.
        var tree = Regex
            .Match(document, $@"^    src/{Regex.Escape(project)}\b.*\n((?:      .*\n)*)", RegexOptions.Multiline)
            .Groups[1]
            .Value;
        Assert.Equal(
            Layers.OfProjects[project],
            Regex.Matches(tree, @"^      (\w+)/", RegexOptions.Multiline).Select(line => line.Groups[1].Value).Reverse()
        );
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_project_knows_one_beside_or_above_it(string project)
    {
        using var assembly = Read(project);
        Assert.Empty(
            assembly
                .MainModule.AssemblyReferences.Select(reference => reference.Name)
                .Where(name =>
                    Layers.OfProjects.ContainsKey(name) || name is "migrator" or "migrator-service" or "MailKit" or "MimeKit" or "DnsClient"
                )
                .Except(Layers.BetweenProjects[project])
        );
    }

    private static AssemblyDefinition Read(string project) =>
        AssemblyDefinition.ReadAssembly(
            Path.Combine(
                AppContext.BaseDirectory,
                project switch
                {
                    "Migrator.Cli" => "migrator.dll",
                    "Migrator.Service" => "migrator-service.dll",
                    _ => $"{project}.dll",
                }
            )
        );

    private static int Rank(IReadOnlyList<string> layers, string folder) => layers.ToList().IndexOf(folder);

    /// <returns>Null for what is in no folder: the start of the program, what compilers make, other assemblies.</returns>
    private static string? Folder(string project, TypeReference type)
    {
        var outermost = type.GetElementType();
        while (outermost.DeclaringType is { } declaring)
            outermost = declaring;
        return outermost.Namespace.StartsWith(project + ".", StringComparison.Ordinal)
            ? outermost.Namespace[(project.Length + 1)..].Split('.')[0]
            : null;
    }

    /// <summary>Every type that one names: in what it is, in its members, and in what they do.</summary>
    private static IEnumerable<TypeReference> Known(TypeDefinition type)
    {
        IEnumerable<TypeReference?> known =
        [
            type.BaseType,
            .. type.Interfaces.Select(one => one.InterfaceType),
            .. type.Fields.Select(field => field.FieldType),
            .. type.Properties.Select(property => property.PropertyType),
            .. type.CustomAttributes.Select(attribute => attribute.AttributeType),
            .. type.Methods.SelectMany(Known),
        ];
        return known.OfType<TypeReference>().SelectMany(Parts);
    }

    private static IEnumerable<TypeReference?> Known(MethodDefinition method)
    {
        yield return method.ReturnType;
        foreach (var parameter in method.Parameters)
            yield return parameter.ParameterType;
        if (!method.HasBody)
            yield break;
        foreach (var variable in method.Body.Variables)
            yield return variable.VariableType;
        foreach (var handler in method.Body.ExceptionHandlers)
            yield return handler.CatchType;
        foreach (var instruction in method.Body.Instructions)
        {
            yield return instruction.Operand switch
            {
                TypeReference type => type,
                MemberReference member => member.DeclaringType,
                _ => null,
            };
            if (instruction.Operand is GenericInstanceMethod generic)
            {
                foreach (var argument in generic.GenericArguments)
                    yield return argument;
            }
        }
    }

    /// <summary>Of a generic type, what it is made of, too.</summary>
    private static IEnumerable<TypeReference> Parts(TypeReference type) =>
        type is GenericInstanceType generic ? generic.GenericArguments.SelectMany(Parts).Append(generic.ElementType)
        : type is TypeSpecification within ? Parts(within.ElementType)
        : [type];
}
