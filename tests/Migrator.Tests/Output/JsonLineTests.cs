using System.Reflection;
using Migrator.App.Formatting;
using Migrator.App.Output;
using Migrator.Tests.Architecture;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;
using Xunit;

namespace Migrator.Tests.Output;

public sealed class JsonLineTests
{
    /// <summary>A type that the generated context lacks would be found only when its line is written.</summary>
    [Fact]
    public void Every_type_of_a_field_is_known_to_the_context()
    {
        var types = new HashSet<string>();
        foreach (var library in ProductAssemblies.All)
        {
            using var assembly = AssemblyDefinition.ReadAssembly(library.Location);
            types.UnionWith(
                from type in assembly.MainModule.GetAllTypes()
                from method in type.Methods
                where method.HasBody
                from instruction in method.Body.Instructions
                where instruction.OpCode.Code is Code.Call or Code.Callvirt
                let called = instruction.Operand as GenericInstanceMethod
                where called?.DeclaringType.FullName == typeof(JsonFields).FullName && called.Name == nameof(JsonFields.Add)
                where !called.GenericArguments[0].IsGenericParameter
                select Name(called.GenericArguments[0])
            );
        }

        Assert.InRange(types.Count, 10, 100);
        var unknown = types.Where(name => !IsKnown(Type.GetType(name, throwOnError: true)!)).Order(StringComparer.Ordinal).ToList();
        Assert.True(unknown.Count == 0, string.Join('\n', unknown));
        var numbers = types
            .SelectMany(name => Within(Type.GetType(name)!, []))
            .Where(type => type.IsEnum && !IsWord(type))
            .Distinct()
            .ToList();
        Assert.True(numbers.Count == 0, string.Join('\n', numbers));
    }

    [Fact]
    public void Secrets_do_not_get_into_a_line()
    {
        const string secret = "correct-horse-battery";
        Core.Redaction.SecretRedactor.Add(secret);
        var output = new StringWriter();

        new JsonView(output, TimeProvider.System).Write(
            new JsonLine("job")
            {
                { "text", $"a {secret} b" },
                {
                    "inside",
                    new JsonFields
                    {
                        {
                            "texts",
                            new List<string> { secret }
                        },
                    }
                },
            }
        );

        Assert.DoesNotContain(secret, output.ToString());
    }

    private static IEnumerable<Type> Within(Type type, HashSet<Type> seen)
    {
        if (!seen.Add(type))
            return [];
        var info = ReportJson.OneLine.GetTypeInfo(type);
        return
        [
            type,
            .. info
                .Properties.Select(property => property.PropertyType)
                .Concat([info.ElementType, info.KeyType, Nullable.GetUnderlyingType(type)])
                .OfType<Type>()
                .SelectMany(part => Within(part, seen)),
        ];
    }

    private static bool IsWord(Type type) =>
        System.Text.Json.JsonSerializer.Serialize(Enum.GetValues(type).GetValue(0), ReportJson.OneLine.GetTypeInfo(type))[0] == '"';

    private static bool IsKnown(Type type)
    {
        try
        {
            return ReportJson.OneLine.GetTypeInfo(type) is not null;
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }

    private static string Name(TypeReference type)
    {
        if (type is ArrayType array)
            return With(array.ElementType, "[]");
        if (type is not GenericInstanceType generic)
            return With(type, "");
        var arguments = string.Join(',', generic.GenericArguments.Select(argument => $"[{Name(argument)}]"));
        return With(generic.ElementType, $"[{arguments}]");

        static string With(TypeReference element, string suffix) =>
            $"{element.FullName.Replace('/', '+')}{suffix}, "
            + $"{(element.Scope is AssemblyNameReference other ? other.FullName : Assembly.LoadFrom(element.Module.FileName).FullName)}";
    }
}
