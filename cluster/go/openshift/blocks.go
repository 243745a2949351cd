// The blocks of user ids: every namespace gets one of its own, as OpenShift's policy controller gives them.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"strconv"
	"strings"

	securityv1 "github.com/openshift/api/security/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	coreinformers "k8s.io/client-go/informers/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// First id and block size are OpenShift's own.
const first, size = 1_000_000_000, 10_000

type blocks struct {
	client kubernetes.Interface
	lister func(labels.Selector) ([]*corev1.Namespace, error)
	work   chan struct{}
}

func newBlocks(client kubernetes.Interface, namespaces coreinformers.NamespaceInformer) *blocks {
	b := &blocks{client, namespaces.Lister().List, make(chan struct{}, 1)}
	poke := func() {
		select {
		case b.work <- struct{}{}:
		default: // a look is due already
		}
	}
	_, err := namespaces.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { poke() },
		UpdateFunc: func(any, any) { poke() },
	})
	if err != nil {
		log.Fatal(err)
	}
	return b
}

func (b *blocks) run(ctx context.Context) {
	given := map[int]bool{}
	for range b.work {
		all, err := b.lister(labels.Everything())
		if err != nil {
			log.Print(err)
			continue
		}
		for _, namespace := range all {
			if number, ok := number(namespace); ok {
				given[number] = true
			}
		}
		for _, namespace := range all {
			if _, ok := number(namespace); ok {
				continue
			}
			free := 0
			for given[free] {
				free++
			}
			if err := b.give(ctx, namespace.Name, free); err != nil {
				log.Printf("namespace %s: %v", namespace.Name, err)
				continue
			}
			given[free] = true
		}
	}
}

func number(namespace *corev1.Namespace) (int, bool) {
	start, _, _ := strings.Cut(namespace.Annotations[securityv1.UIDRangeAnnotation], "/")
	id, err := strconv.Atoi(start)
	return (id - first) / size, err == nil && namespace.Annotations[securityv1.MCSAnnotation] != ""
}

func (b *blocks) give(ctx context.Context, namespace string, block int) error {
	ids := fmt.Sprintf("%d/%d", first+block*size, size)
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]string{
		securityv1.UIDRangeAnnotation:           ids,
		securityv1.SupplementalGroupsAnnotation: ids,
		securityv1.MCSAnnotation:                fmt.Sprintf("s0:c%d,c0", block+1),
	}}})
	if err != nil {
		return err
	}
	_, err = b.client.CoreV1().Namespaces().Patch(ctx, namespace, types.MergePatchType, patch, metav1.PatchOptions{})
	return err
}
