// OpenShift's admission for a cluster that is not one: the SCC code of OpenShift itself behind a webhook, and the
// controller that gives each namespace its block of user ids.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"

	"github.com/openshift/apiserver-library-go/pkg/securitycontextconstraints/sccadmission"
	security "github.com/openshift/client-go/security/clientset/versioned"
	securityinformers "github.com/openshift/client-go/security/informers/externalversions"
	admissionv1 "k8s.io/api/admission/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/initializer"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/kubernetes/pkg/apis/core"
	conversion "k8s.io/kubernetes/pkg/apis/core/v1"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "how to reach the API server")
	listen := flag.String("listen", "", "address and port of the webhook")
	certificate := flag.String("tls-cert-file", "", "certificate of the webhook")
	key := flag.String("tls-private-key-file", "", "its private key")
	flag.Parse()

	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	config.QPS, config.Burst = 50, 100
	client, securityClient := kubernetes.NewForConfigOrDie(config), security.NewForConfigOrDie(config)
	shared := informers.NewSharedInformerFactory(client, 0)
	securityShared := securityinformers.NewSharedInformerFactory(securityClient, 0)
	authorizer, err := authorizerfactory.DelegatingAuthorizerConfig{
		SubjectAccessReviewClient: client.AuthorizationV1(),
		AllowCacheTTL:             time.Second,
		DenyCacheTTL:              time.Second,
		WebhookRetryBackoff:       &wait.Backoff{Duration: 200 * time.Millisecond, Factor: 1.5, Steps: 5},
	}.New()
	if err != nil {
		log.Fatal(err)
	}
	pods, execs := sccadmission.NewConstraint(), sccadmission.NewSCCExecRestrictions()
	sccs := securityShared.Security().V1().SecurityContextConstraints()
	for _, plugin := range []admission.Interface{pods, execs} {
		plugin.(initializer.WantsAuthorizer).SetAuthorizer(authorizer)
		plugin.(initializer.WantsExternalKubeInformerFactory).SetExternalKubeInformerFactory(shared)
		plugin.(sccadmission.WantsSecurityInformer).SetSecurityInformers(sccs)
	}
	execs.SetExternalKubeClientSet(client)
	for _, plugin := range []admission.InitializationValidator{pods, execs} {
		if err := plugin.ValidateInitialization(); err != nil {
			log.Fatal(err)
		}
	}
	blocks := newBlocks(client, shared.Core().V1().Namespaces())
	shared.Start(context.Background().Done())
	securityShared.Start(context.Background().Done())
	shared.WaitForCacheSync(context.Background().Done())
	go blocks.run(context.Background())

	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("/mutate", review(func(a admission.Attributes) error { return pods.Admit(context.Background(), a, nil) }))
	http.HandleFunc("/validate", review(func(a admission.Attributes) error {
		if a.GetOperation() == admission.Connect {
			return execs.Validate(context.Background(), a, nil)
		}
		return pods.Validate(context.Background(), a, nil)
	}))
	log.Fatal(http.ListenAndServeTLS(*listen, *certificate, *key, nil))
}

// review answers the API server with what a plugin decides, and with what it changed about a pod.
func review(decide func(admission.Attributes) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var asked admissionv1.AdmissionReview
		if err == nil {
			err = json.Unmarshal(body, &asked)
		}
		if err != nil || asked.Request == nil {
			http.Error(w, fmt.Sprintf("no AdmissionReview: %v", err), http.StatusBadRequest)
			return
		}
		answer := &admissionv1.AdmissionResponse{UID: asked.Request.UID, Allowed: true}
		notes := &annotated{found: map[string]string{}}
		patch, err := judge(asked.Request, notes, decide)
		answer.AuditAnnotations = notes.found
		if err != nil {
			answer.Allowed = false
			answer.Result = &metav1.Status{Status: metav1.StatusFailure, Message: err.Error(), Code: http.StatusForbidden, Reason: metav1.StatusReasonForbidden}
			if status, ok := err.(apierrors.APIStatus); ok {
				said := status.Status()
				answer.Result = &said
			}
		} else if patch != nil {
			kind := admissionv1.PatchTypeJSONPatch
			answer.Patch, answer.PatchType = patch, &kind
		}
		asked.Request, asked.Response = nil, answer
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(asked); err != nil {
			log.Print(err)
		}
	}
}

// annotated keeps the notes that a plugin makes for the audit log.
type annotated struct {
	admission.Attributes
	found map[string]string
}

func (a *annotated) AddAnnotation(key, value string) error {
	a.found[key] = value
	return nil
}

func judge(request *admissionv1.AdmissionRequest, notes *annotated, decide func(admission.Attributes) error) ([]byte, error) {
	var object, old runtime.Object
	var pod *core.Pod
	if request.Operation != admissionv1.Connect {
		var err error
		if pod, err = internal(request.Object.Raw); err != nil {
			return nil, err
		}
		object = pod
		if request.Operation == admissionv1.Update {
			if old, err = internal(request.OldObject.Raw); err != nil {
				return nil, err
			}
		}
	}
	gvr, gvk := request.Resource, request.Kind
	notes.Attributes = admission.NewAttributesRecord(object, old, schema.GroupVersionKind(gvk), request.Namespace, request.Name,
		schema.GroupVersionResource(gvr), request.SubResource, admission.Operation(request.Operation), nil,
		request.DryRun != nil && *request.DryRun, asUser(request.UserInfo))
	before := pod.DeepCopy()
	if err := decide(notes); err != nil {
		return nil, err
	}
	if pod == nil {
		return nil, nil
	}
	return changes(before, pod)
}

func internal(raw []byte) (*core.Pod, error) {
	var external corev1.Pod
	if err := json.Unmarshal(raw, &external); err != nil {
		return nil, err
	}
	var pod core.Pod
	return &pod, conversion.Convert_v1_Pod_To_core_Pod(&external, &pod, nil)
}

// changes are the JSON patch from one pod to another; SCC touches nothing but the spec and the annotations.
func changes(before, after *core.Pod) ([]byte, error) {
	var was, is corev1.Pod
	if err := conversion.Convert_core_Pod_To_v1_Pod(before, &was, nil); err != nil {
		return nil, err
	}
	if err := conversion.Convert_core_Pod_To_v1_Pod(after, &is, nil); err != nil {
		return nil, err
	}
	type step struct {
		Operation string `json:"op"`
		Path      string `json:"path"`
		Value     any    `json:"value"`
	}
	steps := []step{}
	for _, part := range []step{{"replace", "/spec", is.Spec}, {"add", "/metadata/annotations", is.Annotations}} {
		old, err := json.Marshal(map[string]any{"/spec": was.Spec, "/metadata/annotations": was.Annotations}[part.Path])
		if err != nil {
			return nil, err
		}
		wanted, err := json.Marshal(part.Value)
		if err != nil {
			return nil, err
		}
		if string(old) != string(wanted) {
			steps = append(steps, part)
		}
	}
	if len(steps) == 0 {
		return nil, nil
	}
	return json.Marshal(steps)
}

func asUser(info authenticationv1.UserInfo) user.Info {
	extra := map[string][]string{}
	for key, value := range info.Extra {
		extra[key] = value
	}
	return &user.DefaultInfo{Name: info.Username, UID: info.UID, Groups: info.Groups, Extra: extra}
}
